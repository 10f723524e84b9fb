/** `db`: Drizzle over the split, selects on a reader and all else through the writer's queue, with the library's gaps closed. */
import { withReplicas } from 'drizzle-orm/sqlite-core';
import { drizzle, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy';
import type { SqliteConnection } from './connection.ts';
import type { CommandFailed, QueueRefusal } from './refusal.ts';
import type { RunStatements, StatementsOutcome } from './statements.ts';

type Schema = Record<string, unknown>;
type Remote<S extends Schema> = SqliteRemoteDatabase<S>;

/** A group of statements was refused by SQLite, or never reached it. */
export class StatementError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StatementError';
  }
}

/** What the split needs of its two sides. */
export interface Split {
  /** Sends a group of statements through the writer's queue: all or none. */
  write(command: RunStatements): Promise<StatementsOutcome | QueueRefusal | CommandFailed>;
  /** Lends a read-only connection for one synchronous piece of work. */
  read<T>(work: (connection: SqliteConnection) => T): T;
}

/** `transaction` is gone: a callback that waits can't share the one writer. `batch` and Commands are its replacement. */
export type SplitDatabase<S extends Schema> = Omit<Remote<S>, 'transaction' | 'batch'> &
  Pick<Remote<S>, 'batch'>;

function createPrimary<S extends Schema>(schema: S, { write }: Split): Remote<S> {
  const run = async (statements: RunStatements['statements']): Promise<{ rows: unknown[] }[]> => {
    try {
      // What can't cross to the writer's thread must fail here, alone, and not in the batch that it would share.
      structuredClone(statements);
    } catch {
      throw new StatementError('A parameter is no value that SQLite can store.');
    }
    const outcome = await write({ kind: 'runStatements', statements });
    if (outcome.kind === 'statements_run') return outcome.results as { rows: unknown[] }[];
    if (outcome.kind === 'statement_failed') throw new StatementError(outcome.message);
    throw new StatementError(`The writer answered: ${outcome.kind}.`);
  };
  return drizzle(
    async (sql, params, method) => {
      const [result] = await run([{ sql, params, method }]);
      if (!result) throw new StatementError('The writer answered without a result.');
      return result;
    },
    (statements) => run(statements.map(({ sql, params, method }) => ({ sql, params, method }))),
    { schema },
  );
}

function createReplica<S extends Schema>(schema: S, { read }: Split): Remote<S> {
  return drizzle(
    async (sql, params, method) =>
      read((connection) => {
        const statement = connection.prepare(sql);
        // A write that came here by mistake: `run` on a read-only connection is SQLite's refusal, loud and clear.
        if (!statement.reader) return { rows: [statement.run(...params)] };
        const rows = statement.raw(true);
        return { rows: (method === 'get' ? rows.get(...params) : rows.all(...params)) as unknown[] };
      }),
    { schema },
  );
}

/**
 * Maps the two sides by Drizzle's `withReplicas`, pinned at 0.45.4, whose gaps are closed here (docs/database.md):
 * `with(cte).insert/update/delete` would go to a reader, `batch` is typed but absent, and `transaction` would leave the
 * shared transaction open between its statements.
 */
export function createSplitDatabase<S extends Schema>(schema: S, split: Split): SplitDatabase<S> {
  const primary = createPrimary(schema, split);
  const replica = createReplica(schema, split);
  const routed = withReplicas(primary, [replica]);
  const withCte: Remote<S>['with'] = (...queries) => {
    const reads = replica.with(...queries);
    const writes = primary.with(...queries);
    return { ...reads, insert: writes.insert, update: writes.update, delete: writes.delete };
  };
  return Object.assign(routed, {
    with: withCte,
    batch: primary.batch.bind(primary),
    transaction: () => {
      throw new StatementError(
        'db.transaction would hold the one writer open: use db.batch([…]) or a Command.',
      );
    },
  });
}
