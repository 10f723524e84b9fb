/** The `tx` of `db.transaction`: Drizzle on the writer, one statement after the other, nested by savepoints. */
import type { RunResult } from 'better-sqlite3';
import type { ExtractTablesWithRelations, RelationalSchemaConfig } from 'drizzle-orm/relations';
import { sql } from 'drizzle-orm/sql/sql';
import { type SQLiteSession, SQLiteTransaction } from 'drizzle-orm/sqlite-core';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core/dialect';

type Schema = Record<string, unknown>;
type Tables<S extends Schema> = ExtractTablesWithRelations<S>;
type Session<S extends Schema> = SQLiteSession<'async', RunResult, S, Tables<S>>;

/** Reads and writes inside a transaction, each awaited; what it reads has what it wrote. `rollback()` ends it by a throw. */
export class SplitTransaction<S extends Schema> extends SQLiteTransaction<'async', RunResult, S, Tables<S>> {
  readonly #session: Session<S>;
  readonly #tables: RelationalSchemaConfig<Tables<S>>;

  constructor(session: Session<S>, tables: RelationalSchemaConfig<Tables<S>>, nestedIndex = 0) {
    super('async', new SQLiteAsyncDialect(), session, tables, nestedIndex);
    this.#session = session;
    this.#tables = tables;
  }

  /** Runs `work` in a savepoint: where it throws, only what it did itself is undone. */
  override async transaction<T>(work: (tx: SplitTransaction<S>) => Promise<T>): Promise<T> {
    const name = `sp${this.nestedIndex}`;
    await this.run(sql.raw(`savepoint ${name}`));
    try {
      const result = await work(new SplitTransaction(this.#session, this.#tables, this.nestedIndex + 1));
      await this.run(sql.raw(`release savepoint ${name}`));
      return result;
    } catch (error) {
      await this.run(sql.raw(`rollback to savepoint ${name}`));
      throw error;
    }
  }
}
