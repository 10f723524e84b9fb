/** Brings a file to the schema of this version before traffic, and refuses files that it must not touch. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import type { SqliteConnection } from './connection.ts';

const migrationsFolder = fileURLToPath(new URL('../../../drizzle/migrations', import.meta.url));

interface Journal {
  entries: { when: number }[];
}

/** Applies the migrations that the file lacks. Throws on a file of a newer schema or of another program. */
export function migrateFile(connection: SqliteConnection): void {
  const tables = connection
    .prepare<[], string>("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .pluck()
    .all();
  const isOurs = tables.includes('__drizzle_migrations');
  if (tables.length > 0 && !isOurs) {
    throw new Error(
      'The database file belongs to another program: it has tables but no migrations of Stampede.',
    );
  }
  if (isOurs) {
    const journal: Journal = JSON.parse(
      readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8'),
    );
    const known = new Set(journal.entries.map((entry) => entry.when));
    const applied = connection
      .prepare<[], number>('select created_at from __drizzle_migrations')
      .pluck()
      .all();
    if (applied.some((when) => !known.has(Number(when)))) {
      throw new Error(
        'The database file has a newer schema than this version of Stampede: start the newer version.',
      );
    }
  }
  migrate(drizzle(connection), { migrationsFolder });
}
