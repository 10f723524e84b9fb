/** Drizzle's database over a remote session: awaited, with the counts of better-sqlite3. */
import type { RunResult } from 'better-sqlite3';
import type { Logger } from 'drizzle-orm/logger';
import type { ExtractTablesWithRelations, RelationalSchemaConfig } from 'drizzle-orm/relations';
import { BaseSQLiteDatabase, type SQLiteSession } from 'drizzle-orm/sqlite-core';
import type { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core/dialect';
import { type Remote, RemoteSession } from './remote-session.ts';

type Tables<S extends Record<string, unknown>> = ExtractTablesWithRelations<S>;

/** What both sides of a handle share: names of columns, and the query log. */
export interface RemoteSettings<T extends Tables<Record<string, unknown>>> {
  dialect: SQLiteAsyncDialect;
  tables: RelationalSchemaConfig<T>;
  logger: Logger;
}

/** A database that runs its queries by `remote`. */
export function remoteDatabase<S extends Record<string, unknown>>(
  remote: Remote,
  { dialect, tables, logger }: RemoteSettings<Tables<S>>,
) {
  const session = new RemoteSession<S, Tables<S>>(remote, dialect, tables, logger);
  // Its own type has the counts of Drizzle's HTTP proxy.
  const counting = session as unknown as SQLiteSession<'async', RunResult, S, Tables<S>>;
  const database: BaseSQLiteDatabase<'async', RunResult, S> = new BaseSQLiteDatabase(
    'async',
    dialect,
    counting,
    tables,
  );
  return { database, session, counting };
}
