/** The other fault after which the writer may go on: another program kept the file's lock, and nothing was begun. */
import Database from 'better-sqlite3';

/** Thrown where BUSY_TIMEOUT_MS was not long enough: nothing of the batch was done, and the connection is sound. */
export class FileBusyError extends Error {
  constructor() {
    super('Another program keeps the database file locked.');
    this.name = 'FileBusyError';
  }
}

/** Runs a BEGIN IMMEDIATE, after which, in WAL mode, nothing else of a transaction can meet a lock. */
export function beginWhereFree(begin: () => void): void {
  try {
    begin();
  } catch (error) {
    const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
    throw isBusy ? new FileBusyError() : error;
  }
}
