/** What every query is made from: the reading half of a handle, whatever the engine, and its statements, prepared once. */
import type { SyncDatabase } from './sync-database.ts';

/** Drizzle's reads. They answer at once: `.all()` and `.get()` return rows, not promises. */
export type ReadDatabase = Pick<
  SyncDatabase,
  'select' | 'selectDistinct' | '$count' | '$with' | 'with' | 'query'
>;

/** The reads of a Drizzle database that can do more. */
export const readsOf = (db: SyncDatabase): ReadDatabase => ({
  select: db.select.bind(db),
  selectDistinct: db.selectDistinct.bind(db),
  $count: db.$count.bind(db),
  $with: db.$with.bind(db),
  with: db.with.bind(db),
  query: db.query,
});

export interface PreparedQueries<Queries> {
  (db: ReadDatabase): Queries;
  /** Answers for one handle from what was read before, instead of from its rows. */
  preset(db: ReadDatabase, queries: Queries): void;
}

/**
 * Prepares a set of queries the first time that a handle asks for it: an unprepared query costs ten times a prepared one. Copies
 * of a handle have the same `select`, and so share their statements.
 */
export function preparedOnce<Queries>(prepare: (db: ReadDatabase) => Queries): PreparedQueries<Queries> {
  const prepared = new WeakMap<object, Queries>();
  const queriesOf = (db: ReadDatabase): Queries => {
    const known = prepared.get(db) ?? prepared.get(db.select);
    if (known) return known;
    const queries = prepare(db);
    prepared.set(db.select, queries);
    return queries;
  };
  return Object.assign(queriesOf, {
    preset: (db: ReadDatabase, queries: Queries) => void prepared.set(db, queries),
  });
}
