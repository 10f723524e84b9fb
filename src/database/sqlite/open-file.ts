/** Opens the file for the writer as every start does: looked at first, then migrated, then on the disk as it stands. */
import { type ConnectionSettings, openWriter, type SqliteConnection } from './connection.ts';
import { inspectFile, migrateFile } from './migrate.ts';

/** Throws where the file must be left alone, a setting does not take, or the disk fails. */
export function openMigrated(settings: ConnectionSettings): SqliteConnection {
  inspectFile(settings);
  const connection = openWriter(settings);
  try {
    migrateFile(connection);
    // A process whose fsync failed has left a WAL that may be whole in memory only: no later fsync writes such pages again.
    // So nothing new may stand behind it. From here on all of it is in the file, and the WAL begins anew.
    connection.pragma('wal_checkpoint(TRUNCATE)');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
