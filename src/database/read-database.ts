/** The reading half of a database handle, on any engine, and its prepared statements. */
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import type * as schema from '../../drizzle/schema.ts';
import type { SyncDatabase } from './sync-database.ts';

type AsyncDatabase = BaseSQLiteDatabase<'async', unknown, typeof schema>;

/** The same reads, always awaited; on a machine, they run in separate threads. */
export interface AwaitedReads
  extends Pick<AsyncDatabase, 'select' | 'selectDistinct' | '$count' | '$with' | 'query'> {
  with(
    ...queries: Parameters<AsyncDatabase['with']>
  ): Pick<ReturnType<AsyncDatabase['with']>, 'select' | 'selectDistinct'>;
}

/** Drizzle's reads, synchronous: `.all()` and `.get()` return rows, not promises. */
export interface ReadDatabase
  extends Pick<SyncDatabase, 'select' | 'selectDistinct' | '$count' | '$with' | 'query'> {
  with(
    ...queries: Parameters<SyncDatabase['with']>
  ): Pick<ReturnType<SyncDatabase['with']>, 'select' | 'selectDistinct'>;
}

/** The reads of a Drizzle database without threads; awaited reads run immediately. */
export function readsOf(db: SyncDatabase): ReadDatabase & { parallel: AwaitedReads } {
  const reads = {
    select: db.select.bind(db),
    selectDistinct: db.selectDistinct.bind(db),
    $count: db.$count.bind(db),
    $with: db.$with.bind(db),
    with: db.with.bind(db),
    query: db.query,
  };
  // Drizzle's queries can be awaited on either kind of database; only its types differ.
  return { ...reads, parallel: reads as unknown as AwaitedReads };
}

export interface PreparedQueries<Queries> {
  (db: ReadDatabase): Queries;
  /** Answers one handle's queries from earlier results instead of its rows. */
  preset(db: ReadDatabase, queries: Queries): void;
}

/**
 * What identifies the connection of a handle: its own `select`, which copies of it share; for a
 * Drizzle database, the database itself.
 */
const connectionOf = (db: ReadDatabase): object => (Object.hasOwn(db, 'select') ? db.select : db);

/** Prepares queries once per handle: an unprepared query costs ten times a prepared one. */
export function preparedOnce<Queries>(prepare: (db: ReadDatabase) => Queries): PreparedQueries<Queries> {
  const prepared = new WeakMap<object, Queries>();
  const queriesOf = (db: ReadDatabase): Queries => {
    const known = prepared.get(db) ?? prepared.get(connectionOf(db));
    if (known) return known;
    const queries = prepare(db);
    prepared.set(connectionOf(db), queries);
    return queries;
  };
  return Object.assign(queriesOf, {
    preset: (db: ReadDatabase, queries: Queries) => void prepared.set(db, queries),
  });
}
