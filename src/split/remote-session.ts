/**
 * Drizzle's session over statements that another thread runs. It returns what better-sqlite3 does:
 * SQLite's own errors, counts of `run`, and objects for rows of raw SQL. It extends what Drizzle
 * 0.45 exports for its HTTP proxy; 1.0 reworks sessions, and this file changes then.
 */
import { NoopCache } from 'drizzle-orm/cache/core';
import { DefaultLogger, type Logger, NoopLogger } from 'drizzle-orm/logger';
import type { RelationalSchemaConfig, TablesRelationalConfig } from 'drizzle-orm/relations';
import type { Query } from 'drizzle-orm/sql/sql';
import type { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core/dialect';
import {
  type PreparedQueryConfig,
  RemotePreparedQuery,
  SQLiteRemoteSession,
  type SqliteRemoteResult,
} from 'drizzle-orm/sqlite-proxy';
import { mustBeStorable } from './statement-rules.ts';
import type { RunCounts, Statement, StatementResult } from './statements.ts';

/** Runs statements elsewhere, all or none; rejects with the error of the first one that fails. */
export type Remote = (statements: readonly Statement[]) => Promise<readonly StatementResult[]>;

type Schema = Record<string, unknown>;
type PrepareArguments = Parameters<SQLiteRemoteSession<Schema, TablesRelationalConfig>['prepareQuery']>;

const bytesOf = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.byteLength);

/** A copy of the bytes. Throws a `TypeError` if their buffer is detached. */
const copyOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength).slice();

/** Restores the driver's `Buffer`: bytes cross between threads as a bare `Uint8Array`. */
function reviveBytes(row: unknown): void {
  const values = row as Record<string, unknown>;
  for (const key in values) {
    const value = values[key];
    if (value instanceof Uint8Array) values[key] = bytesOf(value);
  }
}

/** The result of a single statement, with its bytes as `Buffer` again. */
function revived(result: StatementResult, method: Statement['method']): StatementResult {
  if (method === 'get') reviveBytes(result.rows);
  else for (const row of result.rows as unknown[]) reviveBytes(row);
  return result;
}

/** The statement with its bytes copied: the caller may reuse or transfer the originals. */
function asOfNow(statement: Statement): Statement {
  const { params } = statement;
  mustBeStorable(params);
  if (!params.some(ArrayBuffer.isView)) return statement;
  const copied = params.map((value) => (ArrayBuffer.isView(value) ? copyOf(value) : value));
  return { ...statement, params: copied };
}

/** Drizzle's `logger` option as an object: true means its own, which writes to the console. */
export function loggerOf(option: Logger | boolean | undefined): Logger {
  if (typeof option === 'object') return option;
  return option === true ? new DefaultLogger() : new NoopLogger();
}

async function runOn(remote: Remote, statements: readonly Statement[]): Promise<StatementResult[]> {
  const results = await remote(statements.map(asOfNow));
  return statements.map(({ method }, index) => revived(results[index] ?? { rows: [] }, method));
}

const countsOf = (result: unknown): RunCounts => {
  const { changes = 0, lastInsertRowid = 0 } = result as Partial<RunCounts>;
  return { changes, lastInsertRowid };
};

class Prepared extends RemotePreparedQuery {
  /** Whether nothing maps the rows: they are from raw SQL, which the driver returns as objects. */
  readonly asObjects: boolean;

  constructor(
    remote: Remote,
    logger: Logger,
    ...[query, fields, method, isInArrays, mapper, metadata]: PrepareArguments
  ) {
    const asObjects = fields === undefined && mapper === undefined;
    super(
      async (sql, params, asked) => {
        const statement = { sql, params, method: asked, asObjects: asObjects && asked !== 'values' };
        const [result] = await runOn(remote, [statement]);
        return result as { rows: unknown[] };
      },
      query,
      logger,
      new NoopCache(),
      metadata,
      undefined,
      fields,
      method,
      isInArrays,
      mapper,
    );
    this.asObjects = asObjects;
  }

  /** Drizzle's own version wraps each error in one that hides its code. */
  queryWithCache<T>(_sql: string, _params: unknown[], query: () => Promise<T>): Promise<T> {
    return query();
  }

  override async run(values?: Record<string, unknown>): Promise<RunCounts & SqliteRemoteResult> {
    return countsOf(await super.run(values));
  }

  override mapRunResult(result: unknown): RunCounts {
    return countsOf(result);
  }
}

/** What every query of Drizzle can do, although its types do not show it. */
interface Preparable {
  _prepare(): Prepared | RawQuery;
}

/** `db.run`, `all`, `get` or `values` of raw SQL. */
interface RawQuery {
  getQuery(): Query & { method: Statement['method'] };
  mapResult(result: unknown, isFromBatch: boolean): unknown;
}

function statementOf(prepared: Prepared | RawQuery): Statement {
  const { sql, params, method } = prepared.getQuery();
  const asObjects = prepared instanceof Prepared ? prepared.asObjects : method !== 'values';
  return { sql, params, method, asObjects };
}

/** Runs each query of a database by `remote`, and all queries of a `batch` in one call. */
export class RemoteSession<S extends Schema, T extends TablesRelationalConfig> extends SQLiteRemoteSession<
  S,
  T
> {
  readonly #remote: Remote;
  readonly #logger: Logger;

  constructor(
    remote: Remote,
    dialect: SQLiteAsyncDialect,
    schema: RelationalSchemaConfig<T> | undefined,
    logger: Logger,
  ) {
    const unused = (): never => {
      throw new Error('Each query of this session has a client of its own.');
    };
    super(unused, dialect, schema, unused);
    this.#remote = remote;
    this.#logger = logger;
  }

  override prepareQuery<Q extends Omit<PreparedQueryConfig, 'run'>>(
    ...query: PrepareArguments
  ): RemotePreparedQuery<Q> {
    return new Prepared(this.#remote, this.#logger, ...query) as RemotePreparedQuery<Q>;
  }

  /** Also accepts queries that were begun on another session, such as a reader's `select`. */
  override async batch(queries: readonly unknown[]): Promise<unknown[]> {
    const prepared = queries.map((query, index) => this.#prepareHere(query, index));
    const statements = prepared.map(statementOf);
    for (const { sql, params } of statements) this.#logger.logQuery(sql, [...params]);
    const results = await runOn(this.#remote, statements);
    return prepared.map((query, index) => query.mapResult(results[index], true));
  }

  #prepareHere(query: unknown, index: number): Prepared | RawQuery {
    if (typeof (query as Partial<Preparable> | null)?._prepare !== 'function') {
      throw new TypeError(`Element ${index} of the batch is not a Drizzle query that can be batched.`);
    }
    return (Object.create(query as object, { session: { value: this } }) as Preparable)._prepare();
  }

  extractRawRunValueFromBatchResult(result: unknown): unknown {
    return countsOf(result);
  }

  override extractRawGetValueFromBatchResult(result: unknown): unknown {
    return (result as StatementResult).rows;
  }
}
