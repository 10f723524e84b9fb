/**
 * Removes copies of deleted personal data from gaps of split pages: a start rewrites every page.
 */
import Database from 'better-sqlite3';
import type { SqliteConnection } from '../../split/connection.ts';
import { isDiskFull } from '../../split/disk-full.ts';

const MINUTE_MS = 60_000;
/**
 * Errors that leave the file unchanged and the deletion unfinished: SQLite has no folder or no
 * space for its copy.
 */
const unable = new Set(['SQLITE_CANTOPEN', 'SQLITE_IOERR_GETTEMPPATH', 'SQLITE_IOERR_SHMSIZE']);

const pendingSince = (connection: SqliteConnection): number =>
  Number(connection.pragma('user_version', { simple: true }));

/** Time of the oldest unfinished deletion, in epoch milliseconds; `userVersion` is the file's. */
export const unfinishedSince = (userVersion: number): number | null =>
  userVersion === 0 ? null : userVersion * MINUTE_MS;

/**
 * Call this within a transaction that deletes personal data. The file's header keeps the minute of
 * the oldest deletion, so that the next start finishes it and a scrape can report its age.
 */
export function schedulePurge(connection: SqliteConnection, now: number): void {
  if (pendingSince(connection) !== 0) return;
  connection.pragma(`user_version = ${Math.max(1, Math.floor(now / MINUTE_MS))}`);
}

/**
 * Rewrites every page if personal data was deleted since the last rewrite. This takes a second for
 * every few hundred MB, so it runs at a start, before requests are served. If the disk is full, it
 * changes nothing and the next start tries again.
 */
export function purgeDeleted(connection: SqliteConnection): void {
  if (pendingSince(connection) === 0) return;
  const pragma = (name: string): number => Number(connection.pragma(name, { simple: true }));
  const bytes = pragma('page_count') * pragma('page_size');
  try {
    connection.exec('VACUUM');
    // The file keeps its old pages until the new ones are copied over them.
    const [copied] = connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    if (copied?.busy === 0) connection.pragma('user_version = 0');
  } catch (error) {
    // The temporary copy, already deleted, may have used up the quota.
    if (isDiskFull(error, connection, bytes)) return;
    if (error instanceof Database.SqliteError && unable.has(error.code)) return;
    throw error;
  }
}
