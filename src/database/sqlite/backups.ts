/** The backups of a live database: one at a time, in a thread that counts as a reader. */

import type { BackupOutcome } from '../../domain/backup.ts';
import type { Clock } from '../../split/clock.ts';
import type { ConnectionSettings } from '../../split/connection.ts';
import type { ReaderPool } from '../../split/reader-pool.ts';
import type { BackupJob, BackupSettings } from './backup.ts';
import { partialName } from './backup-folder.ts';
import { type FileWork, startFileWork } from './backup-work.ts';

export class Backups {
  readonly #settings: BackupSettings & { connection: ConnectionSettings };
  readonly #pool: ReaderPool;
  readonly #clock: Clock;
  #running: FileWork<BackupJob> | null = null;

  constructor(settings: BackupSettings & { connection: ConnectionSettings }, pool: ReaderPool, clock: Clock) {
    this.#settings = settings;
    this.#pool = pool;
    this.#clock = clock;
  }

  /** Never rejects. */
  async make(): Promise<BackupOutcome> {
    if (this.#running) return { kind: 'backup_running' };
    if (!this.#pool.reserve()) return { kind: 'overloaded', retryAfterSeconds: 5 };
    const partial = partialName(this.#clock.now(), process.pid);
    const work = startFileWork({ ...this.#settings, kind: 'backup', partial }, this.#clock);
    this.#running = work;
    try {
      return await work.done;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: 'backup_failed', failure: 'io', reason };
    } finally {
      this.#running = null;
      this.#pool.unreserve();
    }
  }

  /** Interrupts the backup in progress. */
  async close(): Promise<void> {
    await this.#running?.end();
  }
}
