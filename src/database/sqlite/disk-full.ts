/** The one fault of a disk after which the writer may go on: there was no room, and SQLite has taken everything back. */
import Database from 'better-sqlite3';

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

export const isDiskFull = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code === 'SQLITE_FULL';

/** Copies the WAL into the file as far as there is room. What was not copied stays in the WAL, for another time. */
export function copyWhereThereIsRoom(copy: () => void): void {
  try {
    copy();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}
