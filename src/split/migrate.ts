/** Applies a migrations folder to a file before traffic, and refuses files it must not touch. */
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { type ConnectionSettings, openReader, type SqliteConnection } from './connection.ts';

interface Journal {
  entries: { when: number; tag: string }[];
}

function readJournal(folder: string): Journal {
  const path = join(folder, 'meta', '_journal.json');
  try {
    const journal: Journal = JSON.parse(readFileSync(path, 'utf8'));
    if (Array.isArray(journal.entries)) return journal;
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  throw new Error(`${path} is not a journal of drizzle-kit: it has no entries.`);
}

/** The creation time of each migration in a folder. */
export const migrationsIn = (folder: string): number[] => readJournal(folder).entries.map(({ when }) => when);

/** Throws on a file with a newer schema or of another program; an empty file is accepted. */
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
    throw new Error('The database file has a newer schema than this version. Start the newer version.');
  }
}

/**
 * Offset in a rollback journal's header of the number of pages to which SQLite truncates the file.
 */
const JOURNAL_PAGES_OFFSET = 16;

/**
 * Whether the file is what an interrupted first start left: only such a file has a journal that
 * records zero pages before. SQLite restores that state, but no read-only connection may.
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
 * Inspects a file without changing a byte of it, and throws if it must be left alone: opening it
 * for writing would already turn it into a WAL file.
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
    // A reader creates these files too, but cannot delete them. They were absent before, so no
    // other process has them open.
    for (const companion of companions) rmSync(companion, { force: true });
  }
}

/**
 * The number of migrations applied to a file. Throws if its schema is newer or another program's.
 */
export function countMigrations(connection: SqliteConnection, folder: string): number {
  refuseForeign(connection, folder);
  const hasHistory = connection
    .prepare("select 1 from sqlite_schema where name = '__drizzle_migrations'")
    .get();
  if (!hasHistory) return 0;
  return connection.prepare<[], number>('select count(*) from __drizzle_migrations').pluck().get() ?? 0;
}

interface Migration {
  tag: string;
  when: number;
  hash: string;
  statements: readonly string[];
}

/**
 * The migrations that a file lacks. Throws if one is older than one that the file has: Drizzle
 * would silently skip it.
 */
function lackingIn(connection: SqliteConnection, folder: string): Migration[] {
  const { entries } = readJournal(folder);
  const migrations = readMigrationFiles({ migrationsFolder: folder }).map(
    ({ folderMillis, hash, sql }, index) => ({
      tag: entries[index]?.tag ?? '',
      when: folderMillis,
      hash,
      statements: sql,
    }),
  );
  const applied = new Set(
    connection.prepare<[], number>('select created_at from __drizzle_migrations').pluck().all().map(Number),
  );
  const lacking = migrations.filter(({ when }) => !applied.has(when));
  const last = Math.max(...applied);
  const skipped = lacking.find(({ when }) => when < last);
  if (!skipped) return lacking;
  throw new Error(
    `The migration ${skipped.tag} is older than the last one that the file has had, so it would be skipped. Generate it again with drizzle-kit.`,
  );
}

/** What drizzle-kit writes to recreate a table. In a transaction the pragma has no effect. */
const turnsKeysOff = /\bpragma\s+foreign_keys\s*=\s*(?:off|0|false|no)\b/i;

/** The number of rows that refer to a missing row. */
const brokenReferences = (connection: SqliteConnection): number =>
  (connection.pragma('foreign_key_check') as unknown[]).length;

/**
 * Applies all migrations in one transaction, or none. `brokenBefore` is the number of broken
 * references before, for a check at the end while foreign keys are off; null while they are on.
 */
function applyAll(
  connection: SqliteConnection,
  migrations: readonly Migration[],
  brokenBefore: number | null,
): void {
  const note = connection.prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)');
  connection.exec('BEGIN IMMEDIATE');
  try {
    for (const { tag, when, hash, statements } of migrations) {
      try {
        for (const statement of statements) connection.exec(statement);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`The migration ${tag} failed: ${reason}`, { cause: error });
      }
      note.run(hash, when);
    }
    if (brokenBefore !== null && brokenReferences(connection) > brokenBefore) {
      throw new Error('The migrations would leave rows that refer to missing rows (foreign keys).');
    }
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Applies the migrations that the file lacks, as Drizzle's own migrator does. Throws on a file with
 * a newer schema or of another program. Foreign keys are off if a migration turns them off:
 * otherwise the DROP of a recreated table deletes the rows that refer to it (ON DELETE CASCADE), or
 * fails.
 */
export function migrateFile(connection: SqliteConnection, migrationsFolder: string): void {
  refuseForeign(connection, migrationsFolder);
  connection.exec(
    'create table if not exists __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  );
  const lacking = lackingIn(connection, migrationsFolder);
  if (lacking.length === 0) return;
  if (!lacking.some(({ statements }) => statements.some((sql) => turnsKeysOff.test(sql)))) {
    applyAll(connection, lacking, null);
    return;
  }
  const hadKeys = connection.pragma('foreign_keys', { simple: true });
  connection.pragma('foreign_keys = OFF');
  try {
    applyAll(connection, lacking, brokenReferences(connection));
  } finally {
    connection.pragma(`foreign_keys = ${hadKeys}`);
  }
}
