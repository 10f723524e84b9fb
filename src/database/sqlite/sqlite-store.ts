/** The store on one machine: a writer in its own thread, readers here, the snapshot between; opened and closed in one place. */
import { Worker } from 'node:worker_threads';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../../drizzle/schema.ts';
import type { Clock } from '../../clock.ts';
import { createReads } from '../reads.ts';
import { type Presentation, Snapshot } from '../snapshot.ts';
import type { Store } from '../store.ts';
import type { ConnectionSettings } from './connection.ts';
import { LongReads } from './long-reads.ts';
import { ReaderPool } from './reader-pool.ts';
import { createSplitDatabase } from './replicas.ts';
import { shareSnapshotByTurn, type TurnSnapshot } from './turn-snapshot.ts';
import {
  type FromWriter,
  fromWire,
  type ToWriter,
  toWire,
  type Wire,
  type WriterThreadSettings,
} from './writer-protocol.ts';
import { WriterQueue, type WriterQueueSettings } from './writer-queue.ts';

export interface SqliteStoreSettings {
  connection: ConnectionSettings;
  queue: WriterQueueSettings;
  readersMax: number;
  /** What the public ids of an export are derived from. */
  secretKey: string;
  /** Holds that the writer rehearses, and takes back, before it is ready. */
  warmUpHolds: number;
}

export interface SqliteStore extends Store {
  /** Answers everything accepted, empties the WAL and closes the file; each wait ends after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

/** The file can't be served; the message says why, for the operator. */
export class DatabaseRefusedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'DatabaseRefusedError';
  }
}

/**
 * Opens the file, migrated, and resolves once orders can be taken. Rejects with `DatabaseRefusedError` where the file
 * can't be served. `onFault` is called at most once, when the writer is lost: from then on every command is refused, and
 * the process should end, because a half-known state must not be served.
 */
export function openSqliteStore(
  settings: SqliteStoreSettings,
  presentation: Presentation,
  clock: Clock,
  onFault: (reason: string) => void,
): Promise<SqliteStore> {
  const { connection, queue: queueSettings, readersMax } = settings;
  const workerData: WriterThreadSettings = { ...connection, warmUpHolds: settings.warmUpHolds };
  const writer = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData });
  const send = (message: ToWriter): void => writer.postMessage(toWire(message));
  const snapshot = new Snapshot(presentation);
  const queue = new WriterQueue((commands) => send({ kind: 'batch', commands }), queueSettings, clock);
  const pool = new ReaderPool(connection, readersMax);
  const longReads = new LongReads({ connection, secretKey: settings.secretKey }, pool, clock);
  let walPages = 0;
  let turn: TurnSnapshot | null = null;
  let state: 'opening' | 'ready' | 'closing' | 'failed' = 'opening';

  const fail = (reason: string): void => {
    if (state === 'failed') return;
    state = 'failed';
    queue.fail();
    onFault(reason);
  };

  const close = async (deadlineMs: number): Promise<void> => {
    const within = (work: Promise<unknown>): Promise<unknown> => {
      let stop = (): void => undefined;
      const deadline = new Promise((resolve) => {
        stop = clock.every(deadlineMs, () => resolve(undefined));
      });
      return Promise.race([work, deadline]).finally(() => stop());
    };
    if (state === 'ready') {
      state = 'closing';
      await within(queue.drain());
      await longReads.close();
      // The readers first: only the last connection to go can take the -wal and -shm files with it.
      pool.close();
      const closed = new Promise((resolve) => writer.once('exit', resolve));
      send({ kind: 'close' });
      await within(closed);
    }
    pool.close();
    await writer.terminate();
  };

  return new Promise((resolve, reject) => {
    const open = (): void => {
      state = 'ready';
      const reader = pool.lease();
      turn = shareSnapshotByTurn(reader, createReads(drizzle(reader, { schema })), clock);
      resolve({
        snapshot,
        reads: turn.reads,
        db: createSplitDatabase({
          write: (command) => queue.submit(command),
          read: (work) => pool.use(work),
        }),
        submit: (command) => queue.submit(command),
        status: () => ({
          isReady: state === 'ready',
          synchronous: connection.synchronous,
          queueDepth: queue.depth(),
          walPages,
          readersOpen: pool.open,
          readersInUse: pool.inUse,
        }),
        certify: (dropId) => longReads.certify(dropId),
        exportOrders: (dropId) => longReads.exportOrders(dropId),
        close,
      });
    };
    const refuse = (reason: string): void => {
      state = 'failed';
      queue.fail();
      void writer.terminate();
      reject(new DatabaseRefusedError(reason));
    };

    writer.on('message', (wire: Wire<FromWriter>) => {
      const message = fromWire(wire);
      switch (message.kind) {
        case 'ready':
          snapshot.apply(message.catalogue);
          open();
          return;
        case 'refused':
          refuse(message.reason);
          return;
        case 'committed':
          walPages = message.walPages;
          // The snapshots first: whoever is answered must see his own order in the next read.
          for (const change of message.changes) snapshot.apply(change);
          turn?.end();
          queue.settle(message.outcomes);
          return;
        case 'changed':
          for (const change of message.changes) snapshot.apply(change);
          return;
        case 'fault':
          fail(message.reason);
          return;
        case 'closed':
          return;
      }
    });
    writer.on('error', (error) => (state === 'opening' ? refuse(error.message) : fail(error.message)));
    writer.on('exit', () => {
      if (state === 'ready') fail('The writer thread ended.');
    });
  });
}
