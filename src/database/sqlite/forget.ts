/** What an erasure leaves behind beside the rows: copies in gaps of pages that were split. Every page is written anew for that. */
import Database from 'better-sqlite3';
import type { SqliteConnection } from './connection.ts';

// Kept in the file's header, in the commit that erases: whoever opens the file next knows of it.
const OWED = 1;
/** The file is as before then, and what is owed stays owed: no room, or no folder for the copy that SQLite makes. */
const unable = new Set(['SQLITE_FULL', 'SQLITE_CANTOPEN', 'SQLITE_IOERR_GETTEMPPATH']);

/** To be called within the transaction that erases, where it erases anybody: the next start pays for it. */
export function oweForgetting(connection: SqliteConnection): void {
  connection.pragma(`user_version = ${OWED}`);
}

/**
 * Writes every page anew where somebody was erased since that was done last. It takes a second for each few hundred MB, so
 * its place is a start, before anybody waits.
 */
export function forgetErased(connection: SqliteConnection): void {
  if (connection.pragma('user_version', { simple: true }) !== OWED) return;
  try {
    connection.exec('VACUUM');
  } catch (error) {
    if (error instanceof Database.SqliteError && unable.has(error.code)) return;
    throw error;
  }
  connection.pragma('user_version = 0');
  // Until the new pages are copied over the old ones, those are what the file has.
  connection.pragma('wal_checkpoint(TRUNCATE)');
}
