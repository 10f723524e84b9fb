/** The `tx` of `db.transaction`: Drizzle on the writer, with savepoints for nested transactions. */
import type { RunResult } from 'better-sqlite3';
import type { ExtractTablesWithRelations, RelationalSchemaConfig } from 'drizzle-orm/relations';
import { sql } from 'drizzle-orm/sql/sql';
import { type SQLiteSession, SQLiteTransaction } from 'drizzle-orm/sqlite-core';
import type { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core/dialect';
import { StatementError } from './errors.ts';

type Schema = Record<string, unknown>;
type Tables<S extends Schema> = ExtractTablesWithRelations<S>;
type Session<S extends Schema> = SQLiteSession<'async', RunResult, S, Tables<S>>;

/** Awaited reads and writes in a transaction; reads see its writes. `rollback()` throws. */
export class SplitTransaction<S extends Schema> extends SQLiteTransaction<'async', RunResult, S, Tables<S>> {
  readonly #dialect: SQLiteAsyncDialect;
  readonly #session: Session<S>;
  readonly #tables: RelationalSchemaConfig<Tables<S>>;
  #isNesting = false;

  constructor(
    dialect: SQLiteAsyncDialect,
    session: Session<S>,
    tables: RelationalSchemaConfig<Tables<S>>,
    nestedIndex = 0,
  ) {
    super('async', dialect, session, tables, nestedIndex);
    this.#dialect = dialect;
    this.#session = session;
    this.#tables = tables;
  }

  /**
   * Runs `work` in a savepoint: if it throws, only its own changes are undone. Savepoints are a
   * stack, so a second one that begins while it is open is refused with a `StatementError`: each
   * would undo the other's changes.
   */
  override async transaction<T>(work: (tx: SplitTransaction<S>) => Promise<T>): Promise<T> {
    if (this.#isNesting) {
      throw new StatementError(
        'A nested transaction is open already: await its end before you begin the next one.',
      );
    }
    this.#isNesting = true;
    try {
      return await this.#nest(work);
    } finally {
      this.#isNesting = false;
    }
  }

  async #nest<T>(work: (tx: SplitTransaction<S>) => Promise<T>): Promise<T> {
    const name = `sp${this.nestedIndex}`;
    await this.run(sql.raw(`savepoint ${name}`));
    try {
      const nested = new SplitTransaction(this.#dialect, this.#session, this.#tables, this.nestedIndex + 1);
      const result = await work(nested);
      await this.run(sql.raw(`release savepoint ${name}`));
      return result;
    } catch (error) {
      await this.run(sql.raw(`rollback to savepoint ${name}`));
      throw error;
    }
  }
}
