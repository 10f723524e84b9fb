/** `db`, the one handle that routes, jobs and pages read and write through, on every runtime. */
import type { BackupOutcome } from '../domain/backup.ts';
import type { Certificate } from '../domain/certificate.ts';
import type { Command } from '../domain/command.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Priority } from '../domain/priority.ts';
import type { Metrics } from '../metrics.ts';
import type { AwaitedReads, ReadDatabase } from './read-database.ts';
import type { Snapshot } from './snapshot.ts';

export interface DatabaseStatus {
  /** Orders are taken: the writer works and is not going away. */
  isReady: boolean;
  synchronous: 'FULL' | 'NORMAL';
  queueDepth: Record<Priority, number>;
  walPages: number;
  walBytes: number;
  readersOpen: number;
  readersInUse: number;
  readThreadsOpen: number;
  /** Long reads that wait for a thread. */
  readQueueDepth: number;
  /** At the edge: events of this drop that the catalogue does not know of yet. */
  catalogueEventsBehind?: number;
}

/** How many, by status, and what else of the file is read for a scrape. */
export interface Tallies {
  orders: Record<string, number>;
  refunds: Record<string, number>;
  disputes: Record<string, number>;
  /** When the oldest deletion of personal data was made that a restart must still finish, in epoch milliseconds. */
  deletionUnfinishedSince: number | null;
}

/** Reads see every commit whose outcome `submit` has answered. */
export interface ShopDatabase extends ReadDatabase {
  /** For reads that may take long, always awaited. Elsewhere than on a machine it is the same database. */
  readonly parallel: AwaitedReads;
  /** What hot reads are served from; already contains the commit of every outcome that `submit` has answered. */
  readonly snapshot: Snapshot;
  /** Resolves after the command's COMMIT was fsynced, or with the queue's refusal; never rejects. */
  submit<C extends Command>(command: C): Promise<Outcome<C>>;
  status(): DatabaseStatus;
  /** Whether a purchase would be refused as overloaded. */
  isFull(): boolean;
  /** What this thread has counted and timed. */
  readonly metrics: Metrics;
  /** How many orders, refunds and disputes there are, not older than half a minute; null where nobody has counted. Never rejects. */
  tallies(): Promise<Tallies | null>;
  /** The number of the last event that the snapshot contains. */
  lastSeq(): number;
  /** Audits the whole file and certifies one drop; null where too many long reads run. Rejects where the reading fails. */
  certify(dropId: number): Promise<Certificate | null>;
  /**
   * A drop's orders as CSV, in the order they were placed; null where too many long reads run. Read as fast as it is taken:
   * nothing piles up in memory, and a cancelled one ends at once.
   */
  exportOrders(dropId: number): ReadableStream<Uint8Array> | null;
}

/** What only a database with a file of its own can do: at the edge the platform keeps every state of the last 30 days. */
export interface FileDatabase extends ShopDatabase {
  /** Copies the whole file, proves the copy and keeps it. Never rejects. */
  backup(): Promise<BackupOutcome>;
}

/** The status of a database that commits on the spot: nothing waits for a writer, and no reader is lent. */
export const immediateStatus: DatabaseStatus = {
  isReady: true,
  synchronous: 'FULL',
  queueDepth: { payments: 0, releases: 0, operator: 0, holds: 0, links: 0 },
  walPages: 0,
  walBytes: 0,
  readersOpen: 0,
  readersInUse: 0,
  readThreadsOpen: 0,
  readQueueDepth: 0,
};
