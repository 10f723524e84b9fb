/** SQL statements for the writer, and their results. */

export interface RunStatements {
  kind: 'runStatements';
  statements: readonly Statement[];
}

export interface Statement {
  sql: string;
  params: readonly unknown[];
  method: 'run' | 'all' | 'get' | 'values';
  /** Whether rows are objects by column name; otherwise they are arrays. */
  asObjects?: boolean;
}

/** A statement's rows (one row, or none, for `get`), or for `run` the driver's counts. */
export type StatementResult = { rows: unknown } & Partial<RunCounts>;

export interface RunCounts {
  changes: number;
  lastInsertRowid: number | bigint;
}

/** An error as it crosses between threads. */
export interface SentError {
  name: string;
  message: string;
  /** SQLite's extended code (`SQLITE_CONSTRAINT_UNIQUE`), or the `code` that a command threw. */
  code?: string;
}

export type StatementsOutcome =
  | { kind: 'statements_run'; results: readonly StatementResult[] }
  | { kind: 'statement_failed'; error: SentError };
