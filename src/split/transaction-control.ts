/** BEGIN, COMMIT and ROLLBACK on the writer's connection, and the commits of other processes. */
import type { SqliteConnection } from './connection.ts';
import { DiskFullError, isDiskFull } from './disk-full.ts';
import { beginWhereFree } from './file-busy.ts';
import { notWrittenBecause } from './not-written.ts';

export class TransactionControl {
  readonly #connection: SqliteConnection;
  readonly #begin;
  readonly #commit;
  /** Changes when, and only when, another connection has committed. */
  readonly #dataVersion;
  #seenVersion: number | undefined;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#dataVersion = connection.prepare<[], number>('PRAGMA data_version').pluck();
    this.#seenVersion = this.#dataVersion.get();
  }

  /** Throws `FileBusyError` if another program kept the lock. */
  begin(): void {
    beginWhereFree(() => this.#begin.run());
  }

  /** Returns after the fsync. */
  commit(): void {
    this.#commit.run();
  }

  /** Does a transaction's work; if that throws, rolls back and throws why nothing was written. */
  orRollBack<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#rollBack(error);
    }
  }

  /** Whether another connection has committed since the last check. */
  hasForeignCommit(): boolean {
    const version = this.#dataVersion.get();
    if (version === this.#seenVersion) return false;
    this.#seenVersion = version;
    return true;
  }

  /** Call this where the whole state is read anyway: it includes all foreign commits so far. */
  skipForeignCommits(): void {
    this.#seenVersion = this.#dataVersion.get();
  }

  /** Whether the disk has space and the lock is free. Throws if the database failed. */
  hasSpace(): boolean {
    try {
      this.orRollBack(() => {
        this.begin();
        const version = this.#connection.pragma('user_version', { simple: true });
        // Setting this number writes a page, even if it does not change.
        this.#connection.pragma(`user_version = ${version}`);
        this.commit();
      });
      return true;
    } catch (error) {
      if (notWrittenBecause(error)) return false;
      throw error;
    }
  }

  /** Ends a failed transaction; returns the error to throw. Throws if the rollback fails too. */
  #rollBack(error: unknown): unknown {
    // Discard the observed data_version, so that a foreign commit is detected again.
    this.#seenVersion = undefined;
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    return isDiskFull(error, this.#connection) ? new DiskFullError() : error;
  }
}
