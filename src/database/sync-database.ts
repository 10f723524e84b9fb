/** The database type that commands use: a synchronous Drizzle over our schema, on any engine. */
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import type * as schema from '../../drizzle/schema.ts';

// The result of `run` differs by engine (better-sqlite3: changes, Durable Object: nothing), so do
// not use it. A guarded write reports its effect by RETURNING.
export type SyncDatabase = BaseSQLiteDatabase<'sync', unknown, typeof schema>;
