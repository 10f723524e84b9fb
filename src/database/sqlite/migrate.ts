/** The shop's schema in a database file: migrated, and identified by its mark. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../../drizzle/schema.ts';
import type { SqliteConnection } from '../../split/connection.ts';
import { countMigrations, migrateFile as migrateSchema, migrationsIn } from '../../split/migrate.ts';
import { pathOf } from '../../split/program-files.ts';
import { keepDeploymentMark } from '../deployment.ts';

export const migrationsFolder = pathOf('drizzle/migrations');

/** Whether a file has this version's schema. Throws if it is newer, or of another program. */
export const isCurrentFile = (connection: SqliteConnection): boolean =>
  countMigrations(connection, migrationsFolder) === migrationsIn(migrationsFolder).length;

/** Throws unless a file has this version's schema. Only the server migrates a file with orders. */
export function mustBeCurrent(connection: SqliteConnection, file: string): void {
  if (!isCurrentFile(connection))
    throw new Error(`${file} has the schema of another version. Start the server once to migrate it.`);
}

/** Whether a file has this version's schema; false if it has none. Throws if it has another one. */
export function isMigrated(connection: SqliteConnection, file: string): boolean {
  if (countMigrations(connection, migrationsFolder) === 0) return false;
  mustBeCurrent(connection, file);
  return true;
}

/** Creates this version's schema in a new file. Throws if the file has another one. */
export function migrateNewFile(connection: SqliteConnection, file: string): void {
  if (countMigrations(connection, migrationsFolder) === 0) migrateFile(connection);
  mustBeCurrent(connection, file);
}

/**
 * Applies the migrations that the file lacks, and adds a mark if it has none. Throws on a file with
 * a newer schema or of another program.
 */
export function migrateFile(connection: SqliteConnection): void {
  migrateSchema(connection, migrationsFolder);
  keepDeploymentMark(drizzle(connection, { schema }));
}
