/** Locks, on a file of their own or on a whole database, that end with their process. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Releases the lock; a second call does nothing. */
export type Release = () => void;

const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
const isNoDatabase = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(?:NOTADB|CORRUPT)/.test(error.code);

function lock(file: string, pragma: string, fileMustExist: boolean): Release | null {
  // No waiting: a holder keeps the lock for as long as it runs.
  const connection = new Database(file, { timeout: 0, fileMustExist });
  try {
    connection.pragma(pragma);
    connection.exec('BEGIN EXCLUSIVE');
    return () => void connection.close();
  } catch (error) {
    connection.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

/**
 * Takes a lock between threads and processes; null when another holder has it. The lock is an empty
 * SQLite database of its own, because Node has no file locks; the file is left in place. Throws
 * when the file is not writable: SQLite would open it read-only and lock nothing.
 */
export function takeLock(file: string): Release | null {
  if (existsSync(file)) accessSync(file, constants.W_OK);
  return lock(file, 'journal_mode = memory', false);
}

/**
 * Locks a database exclusively; null when another process has a connection open, even an idle one:
 * a connection to a WAL file holds a shared lock. Takes no lock on a file that SQLite cannot read,
 * nor on an empty file, because opening it would delete its log.
 */
export function holdAlone(databaseFile: string): Release | null {
  if (statSync(databaseFile).size === 0) return () => undefined;
  try {
    return lock(databaseFile, 'locking_mode = exclusive', true);
  } catch (error) {
    if (isNoDatabase(error)) return () => undefined;
    throw error;
  }
}
