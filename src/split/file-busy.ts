/** A locked file: the writer can continue, because the transaction had not begun. */
import Database from 'better-sqlite3';

/** Thrown after BUSY_TIMEOUT_MS: the batch had no effect, and the connection is sound. */
export class FileBusyError extends Error {
  constructor() {
    super('Another program keeps the database file locked.');
    this.name = 'FileBusyError';
  }
}

/** Runs a BEGIN IMMEDIATE; in WAL mode nothing later in the transaction can meet a lock. */
export function beginWhereFree(begin: () => void): void {
  try {
    begin();
  } catch (error) {
    const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
    throw isBusy ? new FileBusyError() : error;
  }
}
