/** SQL statements on their way to the writer, and what became of them. */

export interface RunStatements {
  kind: 'runStatements';
  statements: readonly Statement[];
}

export interface Statement {
  sql: string;
  params: readonly unknown[];
  method: 'run' | 'all' | 'get' | 'values';
  /** Rows as objects by column name; without it they are arrays. */
  asObjects?: boolean;
}

/** What a statement returned: its rows (one row, or none, for `get`), or for `run` the counts of the driver. */
export type StatementResult = { rows: unknown } & Partial<RunCounts>;

export interface RunCounts {
  changes: number;
  lastInsertRowid: number | bigint;
}

/** An error as it crosses between threads. */
export interface SentError {
  name: string;
  message: string;
  /** SQLite's extended code, such as `SQLITE_CONSTRAINT_UNIQUE`, or the `code` of an error that a command threw. */
  code?: string;
}

export type StatementsOutcome =
  | { kind: 'statements_run'; results: readonly StatementResult[] }
  | { kind: 'statement_failed'; error: SentError };
