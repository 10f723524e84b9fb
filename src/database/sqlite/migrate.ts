/** Brings a file to the schema of this version before traffic, and refuses files that it must not touch. */
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import * as schema from '../../../drizzle/schema.ts';
import { type ConnectionSettings, openReader, type SqliteConnection } from '../../split/connection.ts';
import { keepDeploymentMark } from '../deployment.ts';

const migrationsFolder = fileURLToPath(new URL('../../../drizzle/migrations', import.meta.url));

interface Journal {
  entries: { when: number }[];
}

const readJournal = (): Journal =>
  JSON.parse(readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8'));

/** Throws on a file of a newer schema or of another program; an empty one may become ours. */
function refuseForeign(connection: SqliteConnection): void {
  const tables = connection
    .prepare<[], string>("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .pluck()
    .all();
  if (tables.length === 0) return;
  if (!tables.includes('__drizzle_migrations')) {
    throw new Error(
      'The database file belongs to another program: it has tables but no migrations of Stampede.',
    );
  }
  const known = new Set(readJournal().entries.map((entry) => entry.when));
  const applied = connection.prepare<[], number>('select created_at from __drizzle_migrations').pluck().all();
  if (applied.some((when) => !known.has(Number(when)))) {
    throw new Error(
      'The database file has a newer schema than this version of Stampede: start the newer version.',
    );
  }
}

/** In the header of a rollback journal: how many pages the file had before, to which SQLite cuts it back. */
const JOURNAL_PAGES_OFFSET = 16;

/**
 * Whether the file is what a first start has left that was cut off: only that one has a journal, and it says that there was
 * nothing before. SQLite makes it so again, but no read-only connection may.
 */
function wasCutOffAtFirstStart(file: string, error: unknown): boolean {
  if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_READONLY_ROLLBACK') return false;
  const journal = openSync(`${file}-journal`, 'r');
  const pages = Buffer.alloc(4);
  try {
    return (
      readSync(journal, pages, 0, pages.length, JOURNAL_PAGES_OFFSET) === pages.length &&
      pages.readUInt32BE() === 0
    );
  } finally {
    closeSync(journal);
  }
}

/**
 * Looks at a file without changing a byte of it, and throws where it must be left alone: opening it for writing would
 * already turn it into a WAL file.
 */
export function inspectFile(settings: ConnectionSettings): void {
  const { file } = settings;
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) return;
  const companions = [`${file}-wal`, `${file}-shm`].filter((companion) => !existsSync(companion));
  let connection: SqliteConnection | undefined;
  try {
    connection = openReader(settings);
    refuseForeign(connection);
  } catch (error) {
    if (!wasCutOffAtFirstStart(file, error)) throw error;
  } finally {
    connection?.close();
    // Even a reader makes them, and can't take them away again. Where they were absent nobody else has them open.
    for (const companion of companions) rmSync(companion, { force: true });
  }
}

/** How many migrations a file has had. Throws on a file of a newer schema or of another program. */
function countMigrations(connection: SqliteConnection): number {
  refuseForeign(connection);
  const hasHistory = connection
    .prepare("select 1 from sqlite_schema where name = '__drizzle_migrations'")
    .get();
  if (!hasHistory) return 0;
  return connection.prepare<[], number>('select count(*) from __drizzle_migrations').pluck().get() ?? 0;
}

/** Whether a file has exactly the schema of this version. Throws on a newer one or another program's. */
export const isCurrentFile = (connection: SqliteConnection): boolean =>
  countMigrations(connection) === readJournal().entries.length;

/** Throws on a file of any schema but that of this version. Only the server migrates a file that may hold orders. */
export function mustBeCurrent(connection: SqliteConnection, file: string): void {
  if (!isCurrentFile(connection)) throw new Error(`${file} has another schema: start the server once.`);
}

/** Whether a file has the schema of this version; false if it has none yet. Throws on any other schema. */
export function isMigrated(connection: SqliteConnection, file: string): boolean {
  if (countMigrations(connection) === 0) return false;
  mustBeCurrent(connection, file);
  return true;
}

/** Gives a new file the schema of this version. Throws on a file of any other schema. */
export function migrateNewFile(connection: SqliteConnection, file: string): void {
  if (countMigrations(connection) === 0) migrateFile(connection);
  mustBeCurrent(connection, file);
}

/** Applies the migrations that the file lacks, and adds a mark if it has none. Throws on a file with a newer schema or of another program. */
export function migrateFile(connection: SqliteConnection): void {
  refuseForeign(connection);
  migrate(drizzle(connection), { migrationsFolder });
  keepDeploymentMark(drizzle(connection, { schema }));
}
