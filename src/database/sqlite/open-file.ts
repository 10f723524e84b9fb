/** Opens the file for the writer as every start does: looked at first, what a dead process has left made safe, then migrated. */
import { statSync } from 'node:fs';
import { type ConnectionSettings, openWriter, type SqliteConnection } from '../../split/connection.ts';
import { keepInPlace } from '../../split/file-in-place.ts';
import { writeAgain } from '../../split/write-again.ts';
import { forgetErased } from './forget.ts';
import { inspectFile, migrateFile } from './migrate.ts';

/**
 * Brings the log of a process that died into the file. If its last fsync failed, a part of the log is in memory only, and the
 * system takes it for written: no later fsync touches it. What is copied from such a log would be torn by a loss of power,
 * and what is added behind it would be lost. So it is written once more first.
 */
function settleLog(connection: SqliteConnection, log: string): void {
  if (!statSync(log, { throwIfNoEntry: false })?.size) return;
  // While the one lock of writers is ours, nobody else changes the log.
  connection.exec('BEGIN IMMEDIATE');
  try {
    writeAgain(log);
  } finally {
    connection.exec('ROLLBACK');
  }
  connection.pragma('wal_checkpoint(TRUNCATE)');
}

/** Throws where the file must be left alone, a setting does not take, or the disk fails. */
export function openMigrated(settings: ConnectionSettings): SqliteConnection {
  inspectFile(settings);
  const connection = openWriter(settings);
  const mustBeInPlace = keepInPlace(settings.file);
  try {
    settleLog(connection, `${settings.file}-wal`);
    migrateFile(connection);
    forgetErased(connection);
    mustBeInPlace();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
