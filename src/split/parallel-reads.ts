/** `db.parallel`: Drizzle's reads on threads of their own: so that a long one delays no handler. */
import type { RunResult } from 'better-sqlite3';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import type { ExtractTablesWithRelations } from 'drizzle-orm/relations';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import { StatementError } from './errors.ts';
import { type RemoteSettings, remoteDatabase } from './remote-database.ts';
import type { Remote } from './remote-session.ts';

type Schema = Record<string, unknown>;
type Reads<S extends Schema> = BaseSQLiteDatabase<'async', RunResult, S>;

/**
 * Drizzle's reads, each on a read thread. Always awaited: `.all()` and `.get()` return promises. A
 * statement sees every write that resolved before the call. Rejects with SQLite's own error and
 * code, with `OverloadedError` if too many statements wait or the deadline passes before a thread
 * is free, and with `StatementError` if it would write. Rows are copied between threads: a query
 * that may find very many should have a `limit`.
 */
export interface ParallelReads<S extends Schema>
  extends Pick<
    Reads<S>,
    '$with' | '$count' | 'query' | 'select' | 'selectDistinct' | 'all' | 'get' | 'values'
  > {
  with(
    ...queries: Parameters<Reads<S>['with']>
  ): Pick<ReturnType<Reads<S>['with']>, 'select' | 'selectDistinct'>;
  /**
   * Runs reads on one thread in one read transaction: all see the same state.
   *
   * @example
   * const [all, [total]] = await db.parallel.batch([
   *   db.select().from(items),
   *   db.select({ n: count() }).from(items),
   * ]);
   */
  batch<U extends BatchItem<'sqlite'>, T extends Readonly<[U, ...U[]]>>(
    queries: T,
  ): Promise<BatchResponse<T>>;
}

const writes = ['insert', 'update', 'delete', 'run', 'transaction'] as const;

/** Maps Drizzle's reads onto `remote`. */
export function createParallelReads<S extends Schema>(
  remote: Remote,
  settings: RemoteSettings<ExtractTablesWithRelations<S>>,
): ParallelReads<S> {
  const { database, session } = remoteDatabase<S>(remote, settings);
  const reads: ParallelReads<S> = {
    select: database.select.bind(database),
    selectDistinct: database.selectDistinct.bind(database),
    $count: database.$count.bind(database),
    $with: database.$with,
    query: database.query,
    all: database.all.bind(database),
    get: database.get.bind(database),
    values: database.values.bind(database),
    with(...queries) {
      const { select, selectDistinct } = database.with(...queries);
      return { select, selectDistinct };
    },
    batch: (queries) => session.batch(queries) as Promise<never>,
  };
  // Callers without types also get an error that says where writes belong.
  const refusals = writes.map((name) => [
    name,
    () => {
      throw new StatementError(`db.parallel only reads. Use db.${name}.`);
    },
  ]);
  return Object.assign(reads, Object.fromEntries(refusals));
}
