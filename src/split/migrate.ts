/** Brings a file to the schema of its migrations folder before traffic, and refuses files that it must not touch. */
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { type ConnectionSettings, openReader, type SqliteConnection } from './connection.ts';

interface Journal {
  entries: { when: number }[];
}

/** When each migration of a folder was made. */
export const migrationsIn = (folder: string): number[] => {
  const journal: Journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8'));
  return journal.entries.map((entry) => entry.when);
};

/** Throws on a file of a newer schema or of another program; an empty one is accepted. */
function refuseForeign(connection: SqliteConnection, folder: string): void {
  const tables = connection
    .prepare<[], string>("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .pluck()
    .all();
  if (tables.length === 0) return;
  if (!tables.includes('__drizzle_migrations')) {
    throw new Error('The database file belongs to another program: it has tables, but no migrations.');
  }
  const known = new Set(migrationsIn(folder));
  const applied = connection.prepare<[], number>('select created_at from __drizzle_migrations').pluck().all();
  if (applied.some((when) => !known.has(Number(when)))) {
    throw new Error('The database file has a newer schema than this version: start the newer version.');
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
export function inspectFile(settings: ConnectionSettings, migrationsFolder: string): void {
  const { file } = settings;
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) return;
  const companions = [`${file}-wal`, `${file}-shm`].filter((companion) => !existsSync(companion));
  let connection: SqliteConnection | undefined;
  try {
    connection = openReader(settings);
    refuseForeign(connection, migrationsFolder);
  } catch (error) {
    if (!wasCutOffAtFirstStart(file, error)) throw error;
  } finally {
    connection?.close();
    // A reader creates them too, but cannot delete them. They were absent before, so no other process has them open.
    for (const companion of companions) rmSync(companion, { force: true });
  }
}

/** How many migrations a file has had. Throws on a file of a newer schema or of another program. */
export function countMigrations(connection: SqliteConnection, folder: string): number {
  refuseForeign(connection, folder);
  const hasHistory = connection
    .prepare("select 1 from sqlite_schema where name = '__drizzle_migrations'")
    .get();
  if (!hasHistory) return 0;
  return connection.prepare<[], number>('select count(*) from __drizzle_migrations').pluck().get() ?? 0;
}

/** Applies the migrations that the file lacks. Throws on a file with a newer schema or of another program. */
export function migrateFile(connection: SqliteConnection, migrationsFolder: string): void {
  refuseForeign(connection, migrationsFolder);
  migrate(drizzle(connection), { migrationsFolder });
}
