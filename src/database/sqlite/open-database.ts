/** The database of a serving thread: the split with the shop's snapshot, reads and long reads. */
import * as schema from '../../../drizzle/schema.ts';
import type { Command } from '../../domain/command.ts';
import type { GenerationOf } from '../../domain/generation.ts';
import type { CommandOutcome, Outcome } from '../../domain/outcome.ts';
import { type Priority, priorities, priorityOf } from '../../domain/priority.ts';
import { labelSeparator, Metrics } from '../../metrics.ts';
import type { Clock } from '../../split/clock.ts';
import type { ConnectionSettings } from '../../split/connection.ts';
import { openLinkedSplit } from '../../split/linked-split.ts';
import { entryOf } from '../../split/program-files.ts';
import { createSplitDatabase, type Split, type SplitDatabase } from '../../split/replicas.ts';
import type { Measure, SplitEvents } from '../../split/split-events.ts';
import { within } from '../../split/within.ts';
import { startWriter } from '../../split/writer-host.ts';
import type { WriterLink } from '../../split/writer-protocol.ts';
import type { Priorities, WriterQueueSettings } from '../../split/writer-queue.ts';
import type { CatalogueUpdate } from '../catalogue-update.ts';
import { createGenerationOf } from '../generations.ts';
import type { FileDatabase } from '../shop-database.ts';
import { type Presentation, Snapshot } from '../snapshot.ts';
import type { BackupSettings } from './backup.ts';
import { Backups } from './backups.ts';
import { KeptTallies } from './kept-tallies.ts';
import { LongReads } from './long-reads.ts';
import { migrationsFolder } from './migrate.ts';
import type { ShopCommandsOptions } from './shop-commands.ts';
import type { ShopReadsOptions } from './shop-reads.ts';
import { countByStatus } from './tallies.ts';

export interface LinkedDatabaseSettings {
  connection: ConnectionSettings;
  queue: WriterQueueSettings;
  readersMax: number;
  backups: BackupSettings;
  /** The secret from which the public ids of an export are derived. */
  secretKey: string;
}

export interface ShopDatabaseSettings extends LinkedDatabaseSettings {
  /** Holds of the writer's warm-up, which are rolled back before it is ready. */
  warmUpHolds: number;
}

/** `db` on a machine. An embedder's own writes also go through the writer's queue. */
export type LinkedDatabase = FileDatabase & SplitDatabase<typeof schema> & ThreadCalls;

interface ThreadCalls {
  /** For the names of its rows (ids.ts). */
  readonly generationOf: GenerationOf;
  /** Applies commits of other threads. Call this before each request, if several threads serve. */
  catchUp(): void;
  /** Posts a batch whose event-loop turn has taken too long. Call this with each request. */
  flushOverdue(): void;
  /** Answers all accepted commands and closes this thread's part; waits at most `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

/** The database that started the writer; the writer ends when it closes. */
export type OwnDatabase = LinkedDatabase & {
  /** A link to the same writer, for the database of another thread. */
  link(): WriterLink;
};

type OnFailedCommand = (command: Command['kind'], reason: string) => void;

const commandPriorities: Priorities<Command, Priority> = {
  order: priorities,
  of: ({ kind }) => priorityOf[kind],
};

function measureInto(metrics: Metrics): (measure: Measure, value: number) => void {
  const seconds = {
    commitMs: 'stampede_commit_seconds',
    fsyncMs: 'stampede_fsync_seconds',
    updateAgeMs: 'stampede_snapshot_age_seconds',
    checkpointMs: 'stampede_checkpoint_seconds',
  } as const;
  return (measure, value) => {
    if (measure === 'batchCommands') metrics.observe('stampede_batch_commands', value);
    else metrics.observe(seconds[measure], value / 1000);
  };
}

/**
 * Resolves once orders can be accepted over the link. `onFault` is called at most once, when the
 * writer is lost: from then on every command is refused, and the process should end, because it no
 * longer knows the state of the file. `onSpace` is called when the disk is full, and when it has
 * space again; `onFailedCommand` for each outcome `command_failed`.
 */
export async function openLinkedDatabase(
  settings: LinkedDatabaseSettings,
  link: WriterLink,
  presentation: Presentation,
  clock: Clock,
  onFault: (reason: string) => void,
  onSpace: (hasSpace: boolean) => void = () => undefined,
  onFailedCommand: OnFailedCommand = () => undefined,
): Promise<LinkedDatabase & { fail: (reason: string) => void }> {
  const { connection } = settings;
  const snapshot = new Snapshot(presentation);
  const metrics = new Metrics();
  let lastSeq = 0;
  const events: SplitEvents<Command, CommandOutcome, CatalogueUpdate> = {
    onUpdate(update) {
      lastSeq = update.lastSeq;
      for (const change of update.changes) snapshot.apply(change);
    },
    onSettled(command, outcome) {
      metrics.count('stampede_commands_total', command.kind + labelSeparator + outcome.kind);
      if (outcome.kind === 'command_failed') onFailedCommand(command.kind, outcome.reason);
    },
    onMeasure: measureInto(metrics),
    onSpace,
    onFault,
  };
  const options: ShopReadsOptions = { secretKey: settings.secretKey };
  const readFunctions = { href: entryOf(new URL('./shop-reads.ts', import.meta.url)).href, options };
  const splitSettings = { ...settings, priorities: commandPriorities, readFunctions };
  const split = await openLinkedSplit(splitSettings, link, clock, events);
  const { readers, queue } = split;
  const backups = new Backups({ ...settings.backups, connection }, readers.pool, clock);
  const longReads = new LongReads((name, input) => readers.threads.begin(name, input), clock);
  const handle = createSplitDatabase(schema, {
    write: (statements) => queue.submit(statements) as ReturnType<Split['write']>,
    transaction: (work) => split.transaction(work),
    reader: readers.own,
    readInParallel: readers.readInParallel,
  });
  const tallies = new KeptTallies(() => countByStatus(handle.parallel), clock);
  // The writer answers each command with its own kind of outcome: see the map in domain/outcome.ts.
  const submit = <C extends Command>(command: C) => queue.submit(command) as Promise<Outcome<C>>;
  return {
    ...handle,
    generationOf: createGenerationOf(handle),
    snapshot,
    submit,
    isFull: () => queue.isFull('holds'),
    status: () => ({ ...split.status(), synchronous: connection.synchronous }),
    metrics,
    tallies: () => tallies.get(),
    lastSeq: () => lastSeq,
    certify: (dropId) => longReads.certify(dropId),
    exportOrders: (dropId) => longReads.exportOrders(dropId),
    backup: () => backups.make(),
    flushOverdue: () => queue.flushOverdue(),
    catchUp: () => split.catchUp(),
    close: (deadlineMs) => split.close(deadlineMs, () => Promise.all([longReads.close(), backups.close()])),
    fail: (reason) => split.fail(reason),
  };
}

/**
 * Opens and migrates the file with its own writer, and resolves once orders can be accepted.
 * Rejects with `DatabaseRefusedError` if the file cannot be served. The callbacks are those of
 * `openLinkedDatabase`.
 */
export async function openShopDatabase(
  settings: ShopDatabaseSettings,
  presentation: Presentation,
  clock: Clock,
  onFault: (reason: string) => void,
  ...others: [onSpace?: (hasSpace: boolean) => void, onFailedCommand?: OnFailedCommand]
): Promise<OwnDatabase> {
  let fail = onFault;
  const options: ShopCommandsOptions = { warmUpHolds: settings.warmUpHolds };
  const writer = await startWriter(
    {
      connection: settings.connection,
      migrationsFolder,
      commands: { href: entryOf(new URL('./shop-commands.ts', import.meta.url)).href, options },
    },
    (reason) => fail(reason),
  );
  const store = await openLinkedDatabase(
    settings,
    writer.link(),
    presentation,
    clock,
    onFault,
    ...others,
  ).catch(writer.refuse);
  fail = store.fail;
  return {
    ...store,
    link: () => writer.link(),
    // Close the readers first: only the last connection to close can delete the -wal and -shm
    // files.
    async close(deadlineMs) {
      const { isReady } = store.status();
      await store.close(deadlineMs);
      if (isReady) await within(writer.close(), deadlineMs, clock);
      await writer.terminate();
    },
  };
}
