/** The one fault of a disk after which the writer may go on: there was no room, and SQLite has taken everything back. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import Database from 'better-sqlite3';
import type { SqliteConnection } from './connection.ts';

/** More than what is left of a quota that has refused a page of the WAL. */
const PROBE = new Uint8Array(65_536);

/**
 * Thrown after a clean rollback: nothing of the batch was done, and the connection is sound. In WAL mode SQLITE_FULL comes of
 * a write before the frame that would have ended the commit was whole, so no recovery can find one. An fsync that fails for
 * want of room is SQLITE_IOERR_FSYNC, and no such thing.
 */
export class DiskFullError extends Error {
  constructor() {
    super('There is no room on the disk.');
    this.name = 'DiskFullError';
  }
}

/** By its number: Node has no name for EDQUOT, and calls it UNKNOWN. */
export const isOverQuota = (error: unknown): error is Error =>
  error instanceof Error && 'errno' in error && error.errno === -constants.errno.EDQUOT;

/**
 * Whether a quota refuses a little more beside a file than was freed. A quota of files alone refuses the open, and says nothing of a page of the
 * WAL: only a failed write counts.
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
 * SQLite reports SQLITE_FULL for ENOSPC alone. Behind SQLITE_IOERR_WRITE it keeps the errno to itself: only where a quota still
 * refuses the next write was it EDQUOT, which writes nothing and comes as early as ENOSPC. Any other failed write is a fault.
 * `name` is the file that was written, and `freed` the bytes that SQLite may have freed after the write failed.
 */
export const isDiskFull = (error: unknown, { name }: Pick<SqliteConnection, 'name'>, freed = 0): boolean =>
  error instanceof Database.SqliteError &&
  (error.code === 'SQLITE_FULL' || (error.code === 'SQLITE_IOERR_WRITE' && isQuotaUsedUp(name, freed)));

/** Copies the WAL into the file as far as there is room. What was not copied stays in the WAL, for another time. */
export function copyWhereThereIsRoom(connection: SqliteConnection, copy: () => void): void {
  try {
    copy();
  } catch (error) {
    if (!isDiskFull(error, connection)) throw error;
  }
}
