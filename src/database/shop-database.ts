/** `db`, the one handle through which routes, jobs and pages read and write, on every runtime. */
import type { BackupOutcome } from '../domain/backup.ts';
import type { Certificate } from '../domain/certificate.ts';
import type { Command } from '../domain/command.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Priority } from '../domain/priority.ts';
import type { Metrics } from '../metrics.ts';
import type { AwaitedReads, ReadDatabase } from './read-database.ts';
import type { Snapshot } from './snapshot.ts';

export interface DatabaseStatus {
  /** Whether orders are accepted: the writer runs and is not shutting down. */
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
  /** At the edge: events of this drop that the catalogue has not received yet. */
  catalogueEventsBehind?: number;
}

/** Counts by status, and other figures of a scrape that come from the file. */
export interface Tallies {
  orders: Record<string, number>;
  refunds: Record<string, number>;
  disputes: Record<string, number>;
  /** Time of the oldest deletion of personal data that a restart must finish, in epoch ms. */
  deletionUnfinishedSince: number | null;
}

/** Reads see every commit whose outcome `submit` has returned. */
export interface ShopDatabase extends ReadDatabase {
  /** For reads that may take long, always awaited. Except on a machine, it is the same database. */
  readonly parallel: AwaitedReads;
  /** Serves hot reads; already contains the commit of every outcome that `submit` has returned. */
  readonly snapshot: Snapshot;
  /** Resolves after the fsync of the command's COMMIT, or with a refusal; never rejects. */
  submit<C extends Command>(command: C): Promise<Outcome<C>>;
  status(): DatabaseStatus;
  /** Whether a purchase would be refused as overloaded. */
  isFull(): boolean;
  /** Counts and times of this thread. */
  readonly metrics: Metrics;
  /**
   * How many orders, refunds and disputes there are, at most half a minute old; null if no count is
   * available. Never rejects.
   */
  tallies(): Promise<Tallies | null>;
  /** The number of the last event that the snapshot contains. */
  lastSeq(): number;
  /** Audits the file and certifies a drop; null if too many long reads run. May reject. */
  certify(dropId: number): Promise<Certificate | null>;
  /**
   * A drop's orders as CSV, in the order they were placed; null if too many long reads run. Rows
   * are read only as fast as the client receives them, so memory stays bounded; a cancelled export
   * ends at once.
   */
  exportOrders(dropId: number): ReadableStream<Uint8Array> | null;
}

/** What only a database file needs: at the edge the platform keeps every state for 30 days. */
export interface FileDatabase extends ShopDatabase {
  /** Copies the whole file, verifies the copy and keeps it. Never rejects. */
  backup(): Promise<BackupOutcome>;
}

/** The status of a database without a queue and without lent readers: it commits immediately. */
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
