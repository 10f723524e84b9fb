/** The store of one thread that serves HTTP: its link to the writer, its readers, its snapshot; opened and closed in one place. */
import { receiveMessageOnPort } from 'node:worker_threads';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../../drizzle/schema.ts';
import type { Command } from '../../domain/command.ts';
import type { GenerationOf } from '../../domain/generation.ts';
import { labelSeparator, Metrics } from '../../metrics.ts';
import type { Clock } from '../../split/clock.ts';
import type { ConnectionSettings } from '../../split/connection.ts';
import { WAL_FRAME_BYTES } from '../../split/limits.ts';
import { ReaderPool } from '../../split/reader-pool.ts';
import { createGenerationOf } from '../generations.ts';
import { createReads } from '../reads.ts';
import { type Presentation, Snapshot } from '../snapshot.ts';
import type { FileStore } from '../store.ts';
import type { BackupSettings } from './backup.ts';
import { Backups } from './backups.ts';
import { KeptTallies } from './kept-tallies.ts';
import { LongReads } from './long-reads.ts';
import { createSplitDatabase, type SplitDatabase } from './replicas.ts';
import { shareSnapshotByTurn, type TurnSnapshot } from './turn-snapshot.ts';
import { startWriter } from './writer-host.ts';
import {
  type Batch,
  type CommitTimes,
  type FromWriter,
  fromWire,
  toWire,
  type Wire,
  type WriterLink,
} from './writer-protocol.ts';
import { WriterQueue, type WriterQueueSettings } from './writer-queue.ts';

export interface LinkedStoreSettings {
  connection: ConnectionSettings;
  queue: WriterQueueSettings;
  readersMax: number;
  backups: BackupSettings;
  /** What the public ids of an export are derived from. */
  secretKey: string;
}

export interface SqliteStoreSettings extends LinkedStoreSettings {
  /** Holds that the writer rehearses, and takes back, before it is ready. */
  warmUpHolds: number;
}

export interface LinkedStore extends FileStore {
  /** Drizzle over the split, for an operator's own code: selects on a reader, all else through the writer's queue. */
  readonly db: SplitDatabase;
  /** For the names of its rows (ids.ts). */
  readonly generationOf: GenerationOf;
  /** To be called before a request is looked at, where several threads serve: takes in what they have committed. */
  catchUp(): void;
  /** To be called with each request: sends off what waits for the end of a turn of the event loop that has become too long. */
  hurry(): void;
  /** Answers everything accepted and closes what is open here; each wait ends after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

/** The store that has started the writer: the writer ends with it. */
export interface SqliteStore extends LinkedStore {
  /** A link to the same writer, for a store on another thread. */
  link(): WriterLink;
}

type OnFailedCommand = (command: Command['kind'], reason: string) => void;

/** Resolves with what `work` does, or after `deadlineMs`. */
function within(work: Promise<unknown>, deadlineMs: number, clock: Clock): Promise<unknown> {
  let stop = (): void => undefined;
  const deadline = new Promise((resolve) => {
    stop = clock.every(deadlineMs, () => resolve(undefined));
  });
  return Promise.race([work, deadline]).finally(() => stop());
}

/**
 * Resolves once orders can be taken over the link. `onFault` is called at most once, when the writer is lost: from then on
 * every command is refused, and the process should end, because a half-known state must not be served. `onRoom` is called
 * when the disk has no space for orders, and when it has again; `onFailedCommand` for each outcome `command_failed`.
 */
export function openLinkedStore(
  settings: LinkedStoreSettings,
  { port, lastCommit }: WriterLink,
  presentation: Presentation,
  clock: Clock,
  onFault: (reason: string) => void,
  onRoom: (hasRoom: boolean) => void = () => undefined,
  onFailedCommand: OnFailedCommand = () => undefined,
): Promise<LinkedStore & { fail: (reason: string) => void }> {
  const { connection, queue: queueSettings, readersMax } = settings;
  const send = (batch: Batch): void => port.postMessage(toWire(batch));
  const snapshot = new Snapshot(presentation);
  const metrics = new Metrics();
  const queue = new WriterQueue(
    (commands) => send({ kind: 'batch', commands }),
    queueSettings,
    clock,
    (command, outcome) => {
      metrics.count('stampede_commands_total', command.kind + labelSeparator + outcome.kind);
      if (outcome.kind === 'command_failed') onFailedCommand(command.kind, outcome.reason);
    },
  );
  const pool = new ReaderPool(connection, readersMax);
  const backups = new Backups({ ...settings.backups, connection }, pool, clock);
  const longReads = new LongReads({ connection, secretKey: settings.secretKey }, pool, clock);
  const tallies = new KeptTallies(() => longReads.tallies(), clock);
  const committed = new Int32Array(lastCommit);
  let seenCommit = 0;
  let lastSeq = 0;
  let walPages = 0;
  let hasRoom = true;
  let turn: TurnSnapshot | null = null;
  let state: 'opening' | 'ready' | 'closing' | 'failed' = 'opening';

  const fail = (reason: string): void => {
    if (state === 'failed') return;
    const wasClosing = state === 'closing';
    state = 'failed';
    queue.fail();
    if (!wasClosing) onFault(reason);
  };
  /** The snapshots first: whoever is answered must see his own order in the next read. */
  const takeIn = (told: Extract<FromWriter, { kind: 'committed' | 'changed' }>): void => {
    const { changes, commit } = told;
    lastSeq = told.lastSeq;
    for (const change of changes) snapshot.apply(change);
    turn?.end();
    seenCommit = commit;
  };
  const note = ({ commitMs, fsyncMs, at }: CommitTimes, commands: number): void => {
    metrics.observe('stampede_batch_commands', commands);
    metrics.observe('stampede_commit_seconds', commitMs / 1000);
    metrics.observe('stampede_fsync_seconds', fsyncMs / 1000);
    metrics.observe('stampede_snapshot_age_seconds', Math.max(0, clock.now() - at) / 1000);
  };
  const close = async (deadlineMs: number): Promise<void> => {
    if (state === 'ready') {
      state = 'closing';
      await within(queue.drain(), deadlineMs, clock);
      await Promise.all([longReads.close(), backups.close()]);
    }
    turn?.end();
    pool.close();
    port.close();
  };

  return new Promise((resolve) => {
    const open = (): void => {
      state = 'ready';
      const reader = pool.lease();
      const readerDb = drizzle(reader, { schema });
      turn = shareSnapshotByTurn(reader, createReads(readerDb), clock);
      resolve({
        generationOf: createGenerationOf(readerDb),
        snapshot,
        reads: turn.reads,
        db: createSplitDatabase({
          write: (command) => queue.submit(command),
          read: (work) => pool.use(work),
        }),
        submit: (command) => queue.submit(command),
        isFull: () => queue.isFull('holds'),
        status: () => ({
          isReady: state === 'ready' && hasRoom,
          synchronous: connection.synchronous,
          queueDepth: queue.depth(),
          walPages,
          walBytes: walPages * WAL_FRAME_BYTES,
          readersOpen: pool.open,
          readersInUse: pool.inUse,
        }),
        metrics,
        tallies: () => tallies.get(),
        lastSeq: () => lastSeq,
        certify: (dropId) => longReads.certify(dropId),
        exportOrders: (dropId) => longReads.exportOrders(dropId),
        backup: () => backups.make(),
        hurry: () => queue.hurry(),
        catchUp() {
          while (seenCommit !== Atomics.load(committed, 0)) {
            const waiting = receiveMessageOnPort(port);
            if (!waiting) return;
            receive(waiting.message);
          }
        },
        close,
        fail,
      });
    };
    const receive = (wire: Wire<FromWriter>): void => {
      const message = fromWire(wire);
      switch (message.kind) {
        case 'ready':
          snapshot.apply(message.catalogue);
          seenCommit = message.commit;
          lastSeq = message.lastSeq;
          open();
          return;
        case 'committed':
          walPages = message.walPages;
          takeIn(message);
          queue.settle(message.outcomes);
          if (message.times) note(message.times, message.outcomes.length);
          return;
        case 'checkpointed':
          walPages = message.walPages;
          metrics.observe('stampede_checkpoint_seconds', message.tookMs / 1000);
          return;
        case 'changed':
          takeIn(message);
          return;
        case 'refused':
          queue.refuseBatch(message.why);
          return;
        case 'room':
          hasRoom = message.hasRoom;
          queue.setRoom(hasRoom);
          onRoom(hasRoom);
          return;
        case 'fault':
          fail(message.reason);
      }
    };
    port.on('message', receive);
    port.on('close', () => {
      if (state === 'ready') fail('The link to the writer has ended.');
    });
  });
}

/**
 * Opens the file, migrated, with a writer of its own, and resolves once orders can be taken. Rejects with
 * `DatabaseRefusedError` if the file can't be served. The callbacks are those of `openLinkedStore`.
 */
export async function openSqliteStore(
  settings: SqliteStoreSettings,
  presentation: Presentation,
  clock: Clock,
  onFault: (reason: string) => void,
  ...others: [onRoom?: (hasRoom: boolean) => void, onFailedCommand?: OnFailedCommand]
): Promise<SqliteStore> {
  let fail = onFault;
  const writer = await startWriter(settings.connection, settings.warmUpHolds, (reason) => fail(reason));
  const store = await openLinkedStore(settings, writer.link(), presentation, clock, onFault, ...others);
  fail = store.fail;
  return {
    ...store,
    link: () => writer.link(),
    // The readers first: only the last connection to go can take the -wal and -shm files with it.
    async close(deadlineMs) {
      const { isReady } = store.status();
      await store.close(deadlineMs);
      if (isReady) await within(writer.close(), deadlineMs, clock);
      await writer.terminate();
    },
  };
}
