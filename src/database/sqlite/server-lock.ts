/** One server for one file: a lock that the operating system gives back when its process ends, however it ends. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';

export interface ServerLock {
  release(): void;
}

/** The lock lies beside the file that is really meant, by whatever name it was called. */
function lockFileOf(file: string): string {
  const real = existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
  return `${real}.lock`;
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');

/**
 * Takes the lock of a database file, or throws, in words for the operator, where another server has it. It is SQLite's own lock,
 * on an empty file of its own: programs that only look, or write a little beside the server, do not take it.
 */
export function takeServerLock(file: string): ServerLock {
  const connection = new Database(lockFileOf(file), { timeout: 0 });
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (!isBusy(error)) throw error;
    throw new Error('Another server has this file: two would each believe in their own stock.');
  }
  return {
    release: () => {
      connection.close();
    },
  };
}
