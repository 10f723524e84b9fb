/**
 * `db`: Drizzle over the split, by its own `withReplicas`: reads go to the thread's read-only
 * connection, everything else to the writer. Pinned at 0.45.4, whose gaps are closed here:
 * `with(cte).insert/update/delete` would go to a reader, `batch` is typed but absent, raw SQL that
 * only reads would go to the writer, and `transaction` would be spread over the commits of others.
 * Drizzle 1.0 inverts the default (what is not known to read goes to the primary), and its sync and
 * async sessions share one class: compare `withCte` and `raw` with it then, and write
 * remote-session.ts against it.
 */
import type { RunResult } from 'better-sqlite3';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import type { ExtractTablesWithRelations, RelationalSchemaConfig } from 'drizzle-orm/relations';
import type { SQLWrapper } from 'drizzle-orm/sql/sql';
import { type BaseSQLiteDatabase, type SQLiteTransactionConfig, withReplicas } from 'drizzle-orm/sqlite-core';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core/dialect';
import type { SQLiteRaw } from 'drizzle-orm/sqlite-core/query-builders/raw';
import type { DrizzleConfig } from 'drizzle-orm/utils';
import type { SqliteConnection } from './connection.ts';
import { errorOfRefusal, fromSent, StatementError } from './errors.ts';
import { createParallelReads, type ParallelReads } from './parallel-reads.ts';
import type { CommandFailed, QueueRefusal } from './refusal.ts';
import { remoteDatabase } from './remote-database.ts';
import { loggerOf, type Remote } from './remote-session.ts';
import { SplitTransaction } from './split-transaction.ts';
import { mustStayInside } from './statement-rules.ts';
import type { RunStatements, StatementsOutcome } from './statements.ts';

type Schema = Record<string, unknown>;
type Reader<S extends Schema> = BetterSQLite3Database<S>;
type Writer<S extends Schema> = BaseSQLiteDatabase<'async', RunResult, S>;
type Tables<S extends Schema> = ExtractTablesWithRelations<S>;

/** What the split needs of its two sides. */
export interface Split {
  /** Sends a group of statements through the writer's queue: all or none. */
  write(command: RunStatements): Promise<StatementsOutcome | QueueRefusal | CommandFailed>;
  /** Runs `work` alone on the writer, in a transaction. */
  transaction<T>(work: (remote: Remote) => Promise<T>): Promise<T>;
  /** The read-only connection of this thread. */
  reader: SqliteConnection;
  /** Runs statements on the read threads, all on the same state. */
  readInParallel: Remote;
}

/** Drizzle over the split: reads immediate or awaited, writes awaited. */
export type SplitDatabase<S extends Schema> = Pick<
  Reader<S>,
  '_' | '$with' | '$count' | 'query' | 'select' | 'selectDistinct'
> &
  Pick<Writer<S>, 'insert' | 'update' | 'delete' | 'run' | 'all' | 'get' | 'values'> & {
    with(
      ...queries: Parameters<Reader<S>['with']>
    ): Pick<ReturnType<Reader<S>['with']>, 'select' | 'selectDistinct'> &
      Pick<ReturnType<Writer<S>['with']>, 'insert' | 'update' | 'delete'>;
    /**
     * Runs statements in one commit, all or none; resolves after its fsync with a result for each.
     */
    batch<U extends BatchItem<'sqlite'>, T extends Readonly<[U, ...U[]]>>(
      queries: T,
    ): Promise<BatchResponse<T>>;
    /**
     * Runs `work` alone on the writer: every other write waits until it ends, so it should await
     * only its own queries. Resolves after the fsync of its COMMIT. A throw rolls it back, and so
     * does its timeout (`TransactionTimeoutError`). Always BEGIN IMMEDIATE, whatever `config` says.
     */
    transaction<T>(
      work: (tx: SplitTransaction<S>) => Promise<T>,
      config?: SQLiteTransactionConfig,
    ): Promise<T>;
    /** Reads on separate threads, always awaited: for queries that would keep this thread busy. */
    parallel: ParallelReads<S>;
  };

/** Runs statements through the writer's queue; throws a refusal as its error. */
function remoteOf(write: Split['write']): Remote {
  return async (statements) => {
    const outcome = await write({ kind: 'runStatements', statements });
    if (outcome.kind === 'statements_run') return outcome.results;
    if (outcome.kind === 'statement_failed') throw fromSent(outcome.error);
    if (outcome.kind === 'command_failed') throw new StatementError(outcome.reason);
    throw errorOfRefusal(outcome);
  };
}

/** Whether raw SQL can run on a reader. False for a wrong statement: the writer answers it. */
function onlyReads(connection: SqliteConnection, sql: string): boolean {
  try {
    mustStayInside(sql);
    const statement = connection.prepare(sql);
    return statement.reader && statement.readonly;
  } catch {
    return false;
  }
}

/** The options of Drizzle's own `drizzle`, without the schema, which both sides must share. */
export interface DrizzleOptions {
  casing?: DrizzleConfig['casing'] | undefined;
  logger?: DrizzleConfig['logger'] | undefined;
}

/** Maps a reader's connection and the writer's queue onto one handle. */
export function createSplitDatabase<S extends Schema>(
  schema: S,
  split: Split,
  { casing, logger: given }: DrizzleOptions = {},
): SplitDatabase<S> {
  const logger = loggerOf(given);
  const names = casing ? { casing } : {};
  const replica = drizzle(split.reader, { schema, logger, ...names });
  const tables = replica._ as RelationalSchemaConfig<Tables<S>>;
  const dialect = new SQLiteAsyncDialect(names);
  const settings = { dialect, tables, logger };
  const { database: primary, session } = remoteDatabase<S>(remoteOf(split.write), settings);
  // Its types assume one kind of database on both sides; its code works for any two.
  const routed = withReplicas(primary as unknown as Reader<S>, [replica]);
  const withCte: SplitDatabase<S>['with'] = (...queries) => {
    const { select, selectDistinct } = replica.with(...queries);
    return { ...primary.with(...queries), select, selectDistinct };
  };
  const raw = <T>(onWriter: SQLiteRaw<T>, onReader: () => T): SQLiteRaw<T> => {
    const { execute } = onWriter;
    const onEither = async () => (onlyReads(split.reader, onWriter.getQuery().sql) ? onReader() : execute());
    return Object.assign(onWriter, { execute: onEither });
  };
  type Raw = SQLWrapper | string;
  return Object.assign(routed, {
    with: withCte,
    all: (query: Raw) => raw(primary.all(query), () => replica.all(query)),
    get: (query: Raw) => raw(primary.get(query), () => replica.get(query)),
    values: (query: Raw) => raw(primary.values(query), () => replica.values(query)),
    batch: (queries: readonly unknown[]) => session.batch(queries),
    transaction: <T>(work: (tx: SplitTransaction<S>) => Promise<T>) =>
      split.transaction((remote) =>
        work(new SplitTransaction(dialect, remoteDatabase<S>(remote, settings).counting, tables)),
      ),
    parallel: createParallelReads(split.readInParallel, settings),
  }) as unknown as SplitDatabase<S>;
}
