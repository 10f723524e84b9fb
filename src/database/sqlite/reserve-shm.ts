/** Grows the WAL's index (`-shm`) at a start, while there is room: SQLite can't undo a commit whose index finds none. */
import { spawnSync } from 'node:child_process';
import { INDEX_BYTES } from '../../limits.ts';
import type { SqliteConnection } from './connection.ts';
import { beginWhereFree, FileBusyError } from './file-busy.ts';

const NO_ROOM = 3;
/**
 * Writes one byte into each page that is missing, as SQLite does, so that the disk gives it its place. By a process of its own:
 * closing the file in this one would drop SQLite's locks on it.
 */
const grow = `
const fs = require('node:fs');
const { argv, exit } = require('node:process');
const [file, bytes] = argv.slice(-2);
try {
  const index = fs.openSync(file, 'r+');
  for (let at = fs.fstatSync(index).size; at < Number(bytes); at += 4096) fs.writeSync(index, '\\0', at + 4095);
} catch (error) {
  exit(['ENOSPC', 'EDQUOT'].includes(error.code) ? ${NO_ROOM} : 0);
}`;

/**
 * To be called while the connection is open. False where the disk is full, or another program keeps the lock: no order must be
 * taken before another try.
 */
export function reserveIndex(connection: SqliteConnection, file: string): boolean {
  try {
    // While the one lock of writers is ours, no other program makes the index larger.
    beginWhereFree(() => connection.exec('BEGIN IMMEDIATE'));
  } catch (error) {
    if (error instanceof FileBusyError) return false;
    throw error;
  }
  try {
    const { status } = spawnSync(process.execPath, ['-e', grow, `${file}-shm`, String(INDEX_BYTES)], {
      stdio: 'ignore',
    });
    return status !== NO_ROOM;
  } finally {
    connection.exec('ROLLBACK');
  }
}
