/** The split as a library: one SQLite file, one writer thread, many readers, one Drizzle handle. */
import type { CommandFunctions } from './command-functions.ts';
import { DatabaseClosedError } from './errors.ts';
import { closable, type LinkedHandle, openHandle, type UntypedCommands } from './split-handle.ts';
import type { SplitLink } from './split-link.ts';
import { type CommandsUrl, checkOptions, type SplitOptions } from './split-options.ts';
import { systemClock } from './system-clock.ts';
import { within } from './within.ts';
import { startWriter } from './writer-host.ts';

// The library's one public entry: it exports what its callers need.
export type { CommandTx } from './command-functions.ts';
export { DiskFullError } from './disk-full.ts';
export {
  DatabaseClosedError,
  OutcomeUnknownError,
  OverloadedError,
  StatementError,
  TransactionTimeoutError,
} from './errors.ts';
export { type LinkedOptions, openLinked } from './open-linked.ts';
export type { ParallelReads } from './parallel-reads.ts';
export type { SplitDatabase } from './replicas.ts';
export type { DatabaseStatus, LinkedHandle, UntypedCommands } from './split-handle.ts';
export type { SplitLink } from './split-link.ts';
export type { SplitOptions } from './split-options.ts';
export { DatabaseRefusedError } from './writer-host.ts';

type Schema = Record<string, unknown>;

/** What `openSplit` resolves to: the handle of its thread, and links for other threads. */
export type OpenSplit<S extends Schema, C extends CommandFunctions = UntypedCommands> = LinkedHandle<S, C> & {
  /**
   * A link to the same writer for another thread, which opens it by `openLinked`. Each link is for
   * one thread, and its port must be transferred.
   *
   * @example
   * const link = db.link();
   * const options = { workerData: link, transferList: [link.port] };
   * new Worker(new URL('./worker.ts', import.meta.url), options);
   */
  link(): SplitLink;
};

/**
 * Gives a commands module's URL the types of its functions.
 *
 * @example
 * commands: commandsOf<typeof import('./commands.ts')>(new URL('./commands.ts', import.meta.url))
 */
export const commandsOf = <Module extends { commands: CommandFunctions }>(
  url: URL,
): CommandsUrl<Module['commands']> => url;

/**
 * Opens a SQLite file with its own writer thread. Reads run immediately on a read-only connection
 * of the calling thread; writes are awaited, share commits, and resolve after the fsync. Rejects
 * with a `TypeError` that names a wrong option, or with a `DatabaseRefusedError` if the file cannot
 * be served: another process has it, or a migration or the commands module fails. Nothing is left
 * open then, and the same process can retry.
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
  const queue = { queueMax, deadlineMs, batchMax };
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
  const { schema, logger } = options;
  const casing = settings.casing ?? undefined;
  const { db, linked } = await openHandle<S, C>(
    { ...settings, schema, casing, logger, connection, queue },
    writer.link(),
  ).catch(writer.refuse);
  fail = (reason) => linked.fail(reason);
  let isClosing = false;
  const close = async (): Promise<void> => {
    isClosing = true;
    const { isReady } = linked.status();
    // The readers first: only the last connection to close can delete the -wal and -shm files.
    await linked.close(deadlineMs, async () => undefined);
    if (isReady) await within(writer.close(), deadlineMs, systemClock);
    await writer.terminate();
  };
  const link = (): SplitLink => {
    if (isClosing) throw new DatabaseClosedError();
    return { ...writer.link(), connection, queue, casing };
  };
  return closable(Object.assign(db, { link }), close) as OpenSplit<S, C>;
}
