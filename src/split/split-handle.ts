/** What `openSplit` and `openLinked` resolve to: Drizzle over one thread's link, and more. */
import type { Call, CallOutcome, CommandFunctions, Committed } from './command-functions.ts';
import type { ConnectionSettings } from './connection.ts';
import { errorOfRefusal, fromSent } from './errors.ts';
import { SLOW_TRANSACTION_MS } from './limits.ts';
import { type LinkedSplit, openLinkedSplit } from './linked-split.ts';
import { createSplitDatabase, type DrizzleOptions, type Split, type SplitDatabase } from './replicas.ts';
import type { RunStatements, StatementsOutcome } from './statements.ts';
import { systemClock } from './system-clock.ts';
import type { TransactionCounts } from './transaction-queue.ts';
import type { WriterLink } from './writer-protocol.ts';
import type { WriterQueueSettings } from './writer-queue.ts';

type Schema = Record<string, unknown>;
type Command = Call | RunStatements;
type Outcome = CallOutcome | StatementsOutcome;
type Linked = LinkedSplit<Command, Outcome, Committed, 'writes'>;

/** Commands of a module whose types are unknown. */
export type UntypedCommands = Record<string, (tx: never, input?: unknown) => unknown>;

/** The parameters of a command after its transaction. */
type InputOf<Command extends (tx: never, input: never) => unknown> =
  Parameters<Command> extends [unknown, ...infer Rest] ? Rest : [];

/** The state of the database, for health checks and metrics. */
export interface DatabaseStatus {
  /** Writes are accepted: the writer works, the disk has space, and nothing is closing. */
  isReady: boolean;
  /** Writes that wait in the queue. */
  queueDepth: number;
  /** Bytes of the write-ahead log when it was last checked. */
  walBytes: number;
  /** Open read-only connections, including those of read threads, and those in use. */
  readersOpen: number;
  readersInUse: number;
  /** Read threads, working or idle, and statements of `db.parallel` that wait for one. */
  readThreadsOpen: number;
  readQueueDepth: number;
  /** This thread's transactions: how many wait, and how those that began have ended. */
  transactions: TransactionCounts;
}

/** The handle of a thread that is linked to the writer: Drizzle, and further calls. */
export type LinkedHandle<
  S extends Schema,
  C extends CommandFunctions = UntypedCommands,
> = SplitDatabase<S> & {
  /**
   * Runs a function of the commands module in the writer thread, inside the group commit; resolves
   * with its output after the fsync. An error that the function throws rejects here, with its name,
   * message and code; the function has then had no effect.
   *
   * @example const order = await db.command('buy', { itemId: 1, email });
   */
  command<Name extends keyof C & string>(
    name: Name,
    ...input: InputOf<C[Name]>
  ): Promise<ReturnType<C[Name]>>;
  /**
   * Calls `listener` after each commit, also of another process, before the callers of its writes
   * are answered: its reads see the commit. Returns a function that removes the listener. An error
   * that a listener throws is the application's uncaught exception.
   */
  onCommit(listener: () => void): () => void;
  status(): DatabaseStatus;
  /**
   * Answers everything accepted, refuses later calls (`DatabaseClosedError`), and closes the
   * readers of this thread. On the handle of `openSplit`, it then closes the writer too, which
   * copies the write-ahead log into the file and empties it: linked threads must close their
   * handles first. Until then the process stays alive. A second call waits for the first.
   */
  close(): Promise<void>;
};

export interface HandleSettings<S extends Schema> extends DrizzleOptions {
  schema: S;
  connection: ConnectionSettings;
  queue: WriterQueueSettings;
  readers: number;
  onSlowTransaction: (tookMs: number) => void;
  onFault: (reason: string) => void;
}

/** A handle before its `close`, and the thread's side of the split under it. */
export interface BoundHandle<S extends Schema, C extends CommandFunctions> {
  db: Omit<LinkedHandle<S, C>, 'close'>;
  linked: Linked;
}

/** Calls each listener. One that throws must not keep the commit's callers from their answers. */
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

/**
 * A copy of the input. Input that cannot cross to the writer thread must fail here, alone, and not
 * with the batch that it would share.
 */
function copyOf(name: string, input: unknown): unknown {
  try {
    return structuredClone(input);
  } catch {
    throw new TypeError(`The input of the command ${name} cannot cross between threads.`);
  }
}

async function call(linked: Linked, name: string, input: unknown): Promise<unknown> {
  if (typeof name !== 'string') throw new TypeError(`A command's name is a string, not ${typeof name}.`);
  const outcome = await linked.queue.submit({ kind: 'call', name, input: copyOf(name, input) });
  if (outcome.kind === 'called') return outcome.output;
  if (outcome.kind === 'call_failed') throw fromSent(outcome.error);
  throw errorOfRefusal(outcome as Parameters<typeof errorOfRefusal>[0]);
}

const statusOf = (linked: Linked): DatabaseStatus => {
  const { queueDepth, walPages: _, ...status } = linked.status();
  return { ...status, queueDepth: queueDepth.writes, transactions: linked.transactionCounts() };
};

/** Opens a thread's link to the writer; resolves once it can write. */
export async function openHandle<S extends Schema, C extends CommandFunctions>(
  settings: HandleSettings<S>,
  link: WriterLink,
): Promise<BoundHandle<S, C>> {
  const { connection, queue, readers, onSlowTransaction, onFault } = settings;
  const listeners = new Set<() => void>();
  const linked: Linked = await openLinkedSplit(
    {
      connection,
      queue,
      priorities: { order: ['writes'], of: () => 'writes' },
      readersMax: readers,
      areWritersSeen: true,
    },
    link,
    systemClock,
    {
      onUpdate: () => notify(listeners),
      onTransaction(tookMs) {
        if (tookMs > SLOW_TRANSACTION_MS) onSlowTransaction(tookMs);
      },
      onFault,
    },
  );
  const db = createSplitDatabase(
    settings.schema,
    {
      write: (statements) => linked.queue.submit(statements) as ReturnType<Split['write']>,
      transaction: (work) => linked.transaction(work),
      reader: linked.readers.own,
      readInParallel: linked.readers.readInParallel,
    },
    settings,
  );
  const handle = Object.assign(db, {
    command: (name: string, input: unknown) => call(linked, name, input),
    onCommit(listener: () => void) {
      if (typeof listener !== 'function') throw new TypeError('onCommit takes a function.');
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    status: () => statusOf(linked),
  });
  return { db: handle as unknown as BoundHandle<S, C>['db'], linked };
}

/** Gives a handle its `close`, which runs only once. */
export const closable = <H extends object>(
  db: H,
  close: () => Promise<void>,
): H & { close(): Promise<void> } => {
  let closed: Promise<void> | null = null;
  return Object.assign(db, {
    close() {
      closed ??= close();
      return closed;
    },
  });
};
