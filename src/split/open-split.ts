/** The split as a library: one SQLite file, one writer thread, many readers, behind one Drizzle handle. */
import type { Call, CallOutcome, CommandFunctions, Committed } from './command-functions.ts';
import { errorOfRefusal, fromSent } from './errors.ts';
import { SLOW_TRANSACTION_MS } from './limits.ts';
import { type LinkedSplit, openLinkedSplit } from './linked-split.ts';
import { createSplitDatabase, type Split, type SplitDatabase } from './replicas.ts';
import type { SplitEvents } from './split-events.ts';
import { type CommandsUrl, checkOptions, type SplitOptions } from './split-options.ts';
import type { RunStatements, StatementsOutcome } from './statements.ts';
import { systemClock } from './system-clock.ts';
import type { TransactionCounts } from './transaction-queue.ts';
import { within } from './within.ts';
import { startWriter } from './writer-host.ts';

// The library's one public entry: what its callers need is exported here.
export type { CommandTx } from './command-functions.ts';
export { DiskFullError } from './disk-full.ts';
export {
  DatabaseClosedError,
  OutcomeUnknownError,
  OverloadedError,
  StatementError,
  TransactionTimeoutError,
} from './errors.ts';
export type { SplitDatabase } from './replicas.ts';
export type { SplitOptions } from './split-options.ts';
export { DatabaseRefusedError } from './writer-host.ts';

type Schema = Record<string, unknown>;
type Command = Call | RunStatements;
type Outcome = CallOutcome | StatementsOutcome;
type Linked = LinkedSplit<Command, Outcome, Committed, 'writes'>;

/** Commands of a module whose types are not known. */
export type UntypedCommands = Record<string, (tx: never, input?: unknown) => unknown>;

/** What a command takes behind its transaction. */
type InputOf<Command extends (tx: never, input: never) => unknown> =
  Parameters<Command> extends [unknown, ...infer Rest] ? Rest : [];

/** How the database is, for health checks and metrics. */
export interface DatabaseStatus {
  /** Writes are accepted: the writer works, the disk has space, and nothing is closing. */
  isReady: boolean;
  /** Writes that wait in the queue. */
  queueDepth: number;
  /** Bytes of the write-ahead log, as of the last look at it. */
  walBytes: number;
  /** Read-only connections that are open, and those in use. */
  readersOpen: number;
  readersInUse: number;
  /** Of this thread: how many `transaction` calls wait, and how those that began have ended. */
  transactions: TransactionCounts;
}

/** What `openSplit` resolves to: Drizzle, and the calls beside it. */
export type OpenSplit<S extends Schema, C extends CommandFunctions = UntypedCommands> = SplitDatabase<S> & {
  /**
   * Runs a function of the commands module in the writer's thread, inside the group commit; resolves with its output after
   * the fsync. What the function throws rejects here, with its name, message and code; it has then done nothing.
   *
   * @example const order = await db.command('buy', { itemId: 1, email });
   */
  command<Name extends keyof C & string>(
    name: Name,
    ...input: InputOf<C[Name]>
  ): Promise<ReturnType<C[Name]>>;
  /**
   * Calls `listener` after each commit, also of another process, before the callers of its writes are answered: what it
   * reads has the commit. Returns what ends that. What a listener throws is the application's uncaught exception.
   */
  onCommit(listener: () => void): () => void;
  status(): DatabaseStatus;
  /**
   * Answers all that was accepted, refuses what comes later (`DatabaseClosedError`), closes the readers and then the writer,
   * which empties the write-ahead log into the file. Until then the process stays alive. A second call waits for the first.
   */
  close(): Promise<void>;
};

/**
 * Gives a commands module's URL the types of its functions.
 *
 * @example commands: commandsOf<typeof import('./commands.ts')>(new URL('./commands.ts', import.meta.url))
 */
export const commandsOf = <Module extends { commands: CommandFunctions }>(
  url: URL,
): CommandsUrl<Module['commands']> => url;

/** A listener that throws must not keep the callers of the commit from their answer. */
function notify(listeners: ReadonlySet<() => void>): void {
  for (const listener of listeners) {
    try {
      listener();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

/** The input as it is now. What can't cross to the writer's thread must fail here, alone, and not in the batch that it would share. */
function copyOf(name: string, input: unknown): unknown {
  try {
    return structuredClone(input);
  } catch {
    throw new TypeError(`The input of the command ${name} cannot cross between threads.`);
  }
}

async function call(linked: Linked, name: string, input: unknown): Promise<unknown> {
  if (typeof name !== 'string') throw new TypeError(`A command's name is a string, not ${typeof name}.`);
  const outcome = await linked.submit({ kind: 'call', name, input: copyOf(name, input) });
  if (outcome.kind === 'called') return outcome.output;
  if (outcome.kind === 'call_failed') throw fromSent(outcome.error);
  throw errorOfRefusal(outcome as Parameters<typeof errorOfRefusal>[0]);
}

const statusOf = (linked: Linked): DatabaseStatus => {
  const { isReady, queueDepth, walBytes, readersOpen, readersInUse } = linked.status();
  const transactions = linked.transactionCounts();
  return { isReady, queueDepth: queueDepth.writes, walBytes, readersOpen, readersInUse, transactions };
};

/**
 * Opens a SQLite file with a writer thread of its own. Reads run at once on a read-only connection of the calling thread;
 * writes are awaited, share commits, and resolve after the fsync. Rejects with a `TypeError` that names a wrong option, or
 * with a `DatabaseRefusedError` where the file can't be served: another process has it, or a migration or the commands
 * module fails. Nothing is left open then, and the same process can try again.
 *
 * @example
 * const db = await openSplit({ file: 'app.db', schema, migrationsFolder: 'drizzle' });
 * await db.insert(items).values({ name: 'One' });
 * const all = db.select().from(items).all();
 */
export async function openSplit<S extends Schema, C extends CommandFunctions = UntypedCommands>(
  options: SplitOptions<S, C>,
): Promise<OpenSplit<S, C>> {
  const settings = checkOptions(options);
  const { file, busyTimeoutMs, synchronous, queueMax, deadlineMs, batchMax } = settings;
  const connection = { file, busyTimeoutMs, synchronous };
  let fail = settings.onFault;
  const writer = await startWriter(
    {
      connection,
      migrationsFolder: settings.migrationsFolder,
      commands: { functions: settings.commands, casing: settings.casing },
      transactionTimeoutMs: settings.transactionTimeoutMs,
    },
    (reason) => fail(reason),
  );
  const listeners = new Set<() => void>();
  const events: SplitEvents<Command, Outcome, Committed> = {
    onNews: () => notify(listeners),
    onTransaction(tookMs) {
      if (tookMs > SLOW_TRANSACTION_MS) settings.onSlowTransaction(tookMs);
    },
    onFault: settings.onFault,
  };
  const linked: Linked = await openLinkedSplit(
    {
      connection,
      queue: { queueMax, deadlineMs, batchMax },
      priorities: { order: ['writes'], of: () => 'writes' },
      readersMax: settings.readers,
    },
    writer.link(),
    systemClock,
    events,
  ).catch(writer.refuse);
  fail = (reason) => linked.fail(reason);
  const db = createSplitDatabase(
    options.schema,
    {
      write: (statements) => linked.submit(statements) as ReturnType<Split['write']>,
      transaction: (work) => linked.transaction(work),
      reader: linked.reader,
    },
    options,
  );
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const { isReady } = linked.status();
    // The readers first: only the last connection to close can delete the -wal and -shm files.
    await linked.close(deadlineMs, async () => undefined);
    if (isReady) await within(writer.close(), deadlineMs, systemClock);
    await writer.terminate();
  };
  return Object.assign(db, {
    command: (name: string, input: unknown) => call(linked, name, input),
    onCommit(listener: () => void) {
      if (typeof listener !== 'function') throw new TypeError('onCommit takes a function.');
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    status: () => statusOf(linked),
    close() {
      closed ??= close();
      return closed;
    },
  }) as unknown as OpenSplit<S, C>;
}
