/** The one type of database that decisions are made on: a synchronous Drizzle over our schema, whatever the engine. */
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import type * as schema from '../../drizzle/schema.ts';

// The result of `run` differs by engine (better-sqlite3: changes, Durable Object: nothing), so nobody may use it:
// a guarded write tells what it did by RETURNING.
export type SyncDatabase = BaseSQLiteDatabase<'sync', unknown, typeof schema>;
