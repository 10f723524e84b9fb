/** Opens the file for the writer: inspects it, secures a dead process's log, then migrates it. */
import { statSync } from 'node:fs';
import { type ConnectionSettings, openWriter, type SqliteConnection } from './connection.ts';
import { createIdentityCheck } from './file-identity.ts';
import { inspectFile, migrateFile } from './migrate.ts';
import { rewriteAndSync } from './rewrite-and-sync.ts';

/**
 * Copies the log of a process that died into the file. If the last fsync of that process failed, a
 * part of the log is only in memory, and the system considers it written: no later fsync writes it.
 * A power loss would tear what is copied from such a log, and lose what is appended to it. So the
 * log is written again first.
 */
function recoverLog(connection: SqliteConnection, log: string): void {
  if (!statSync(log, { throwIfNoEntry: false })?.size) return;
  // While this connection holds the write lock, no other program changes the log.
  connection.exec('BEGIN IMMEDIATE');
  try {
    rewriteAndSync(log);
  } finally {
    connection.exec('ROLLBACK');
  }
  connection.pragma('wal_checkpoint(TRUNCATE)');
}

/**
 * Opens the file and applies the migrations that it lacks; without a folder, none. Throws if the
 * file must be left alone, a setting does not take, or the disk fails.
 */
export function openMigrated(
  settings: ConnectionSettings,
  migrationsFolder: string | null,
): SqliteConnection {
  if (migrationsFolder !== null) inspectFile(settings, migrationsFolder);
  const connection = openWriter(settings);
  const checkIdentity = createIdentityCheck(settings.file);
  try {
    recoverLog(connection, `${settings.file}-wal`);
    if (migrationsFolder !== null) migrateFile(connection, migrationsFolder);
    checkIdentity();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
