/** SQL statements on their way to the writer, and what became of them. */

export interface RunStatements {
  kind: 'runStatements';
  statements: readonly Statement[];
}

export interface Statement {
  sql: string;
  params: readonly unknown[];
  method: 'run' | 'all' | 'get' | 'values';
}

export type StatementsOutcome =
  | { kind: 'statements_run'; results: readonly { rows: unknown }[] }
  | { kind: 'statement_failed'; message: string };
