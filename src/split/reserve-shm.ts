/**
 * Grows the WAL's index (`-shm`) at a start, while there is space: SQLite can't undo a commit whose
 * index does not fit.
 */
import { spawnSync } from 'node:child_process';
import type { SqliteConnection } from './connection.ts';
import { beginWhereFree, FileBusyError } from './file-busy.ts';
import { INDEX_BYTES } from './limits.ts';
import { plainRuntime } from './program-files.ts';

const NO_SPACE = 3;
/**
 * Writes one byte into each missing page, as SQLite does, so that the disk allocates it. A separate
 * process does that: closing the file in this one would drop SQLite's locks on it.
 */
const grow = `
const fs = require('node:fs');
const { EDQUOT } = require('node:os').constants.errno;
const { argv, exit } = require('node:process');
const [file, bytes] = argv.slice(-2);
try {
  const index = fs.openSync(file, 'r+');
  for (let at = fs.fstatSync(index).size; at < Number(bytes); at += 4096) fs.writeSync(index, '\\0', at + 4095);
} catch (error) {
  exit(error.code === 'ENOSPC' || error.errno === -EDQUOT ? ${NO_SPACE} : 0);
}`;

/**
 * Reserves space for the WAL's index. Call this while the connection is open. False if the disk is
 * full or another program holds the lock: retry before accepting writes.
 */
export function reserveIndex(connection: SqliteConnection, file: string): boolean {
  try {
    // While we hold the write lock, no other program grows the index.
    beginWhereFree(() => connection.exec('BEGIN IMMEDIATE'));
  } catch (error) {
    if (error instanceof FileBusyError) return false;
    throw error;
  }
  try {
    const { status } = spawnSync(process.execPath, ['-e', grow, `${file}-shm`, String(INDEX_BYTES)], {
      stdio: 'ignore',
      env: plainRuntime(),
    });
    return status !== NO_SPACE;
  } finally {
    connection.exec('ROLLBACK');
  }
}
