/** Opens the file for the writer: inspected first, then what a dead process left is made safe, then migrated. */
import { statSync } from 'node:fs';
import { type ConnectionSettings, openWriter, type SqliteConnection } from './connection.ts';
import { keepInPlace } from './file-in-place.ts';
import { inspectFile, migrateFile } from './migrate.ts';
import { writeAgain } from './write-again.ts';

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

/**
 * Opens the file and applies the migrations that it lacks. Throws where the file must be left alone, a setting does not take,
 * or the disk fails. Without a folder nothing is migrated.
 */
export function openMigrated(
  settings: ConnectionSettings,
  migrationsFolder: string | null,
): SqliteConnection {
  if (migrationsFolder !== null) inspectFile(settings, migrationsFolder);
  const connection = openWriter(settings);
  const mustBeInPlace = keepInPlace(settings.file);
  try {
    settleLog(connection, `${settings.file}-wal`);
    if (migrationsFolder !== null) migrateFile(connection, migrationsFolder);
    mustBeInPlace();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
