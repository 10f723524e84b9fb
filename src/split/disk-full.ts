/**
 * A full disk: the only disk fault after which the writer can continue, as SQLite undid the batch.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import Database from 'better-sqlite3';
import type { SqliteConnection } from './connection.ts';

/** More bytes than are left of a quota that has refused a page of the WAL. */
const PROBE = new Uint8Array(65_536);

/**
 * Thrown after a clean rollback: the batch had no effect, and the connection is sound. In WAL mode
 * SQLITE_FULL comes from a write before the commit's last frame was complete, so no recovery can
 * find a commit. An fsync that fails for lack of space is SQLITE_IOERR_FSYNC, which is a fault.
 */
export class DiskFullError extends Error {
  constructor() {
    super('The disk is full; nothing was written.');
    this.name = 'DiskFullError';
  }
}

/** Whether a quota is used up, by errno: Node has no name for EDQUOT and reports it as UNKNOWN. */
export const isOverQuota = (error: unknown): error is Error =>
  error instanceof Error && 'errno' in error && error.errno === -constants.errno.EDQUOT;

/**
 * Whether a quota refuses to write, next to a file, slightly more bytes than were freed. A quota on
 * the number of files refuses the open, but no page of the WAL: only a failed write counts.
 */
function isQuotaUsedUp(file: string, freed: number): boolean {
  const probe = `${file}-room`;
  try {
    const descriptor = openSync(probe, 'w');
    try {
      for (let written = 0; written < freed + PROBE.length; ) written += writeSync(descriptor, PROBE);
    } finally {
      closeSync(descriptor);
    }
    return false;
  } catch (error) {
    return isOverQuota(error) && 'syscall' in error && error.syscall === 'write';
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Whether an error means a full disk. SQLite reports SQLITE_FULL for ENOSPC only, and hides the
 * errno behind SQLITE_IOERR_WRITE: it was EDQUOT only if a quota still refuses the next write.
 * EDQUOT writes nothing and comes as early as ENOSPC. Any other failed write is a fault. `name` is
 * the file that was written, and `freed` the bytes that SQLite may have freed after the write
 * failed.
 */
export const isDiskFull = (error: unknown, { name }: Pick<SqliteConnection, 'name'>, freed = 0): boolean =>
  error instanceof Database.SqliteError &&
  (error.code === 'SQLITE_FULL' || (error.code === 'SQLITE_IOERR_WRITE' && isQuotaUsedUp(name, freed)));

/** Copies as much of the WAL into the file as the disk has space for. */
export function copyIfSpace(connection: SqliteConnection, copy: () => void): void {
  try {
    copy();
  } catch (error) {
    if (!isDiskFull(error, connection)) throw error;
  }
}
