/** Opens a shop's database file for a writer, as a server does, without the writer thread. */
import { migrationsFolder } from '../../src/database/sqlite/migrate.ts';
import { prepareShopFile } from '../../src/database/sqlite/shop-commands.ts';
import type { ConnectionSettings, SqliteConnection } from '../../src/split/connection.ts';
import { openMigrated } from '../../src/split/open-file.ts';

export function openShopFile(settings: ConnectionSettings): SqliteConnection {
  const connection = openMigrated(settings, migrationsFolder);
  try {
    prepareShopFile(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
