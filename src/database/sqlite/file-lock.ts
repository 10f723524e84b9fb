/** Locks that end with their holder, however it ends: one for a piece of work, and one on a database that nobody may have open. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Ends the lock; does nothing the second time. */
export type Release = () => void;

const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
const isNoDatabase = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(?:NOTADB|CORRUPT)/.test(error.code);

function lock(file: string, pragma: string, fileMustExist: boolean): Release | null {
  // No waiting: whoever has it keeps it for long.
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
 * Takes a file of its own as a lock between threads and processes; null where another one has it. Node has no locks, SQLite
 * has: an empty database that nobody writes to. The file stays. Throws where the file is not writable: SQLite would open it
 * read-only, and lock nothing.
 */
export function takeLock(file: string): Release | null {
  if (existsSync(file)) accessSync(file, constants.W_OK);
  return lock(file, 'journal_mode = memory', false);
}

/**
 * Keeps a database to the caller alone; null where any connection of another process has it open, an idle one too: a WAL file is
 * locked by everyone who has it open. What SQLite can't read nobody can serve, and needs no lock; nor does an empty file, and to
 * open it would remove a log that lies beside it.
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
