/** Runs SQL on a read-only connection, and refuses what could write or outlive its statement. */
import type { SqliteConnection } from './connection.ts';
import { StatementError } from './errors.ts';
import { runPrepared } from './run-statements.ts';
import { mustStayInside } from './statement-rules.ts';
import type { Statement, StatementResult } from './statements.ts';

/** Runs statements. Throws `StatementError` if one could write, else SQLite's own error. */
export function readStatements(
  connection: SqliteConnection,
  statements: readonly Statement[],
): StatementResult[] {
  return statements.map((statement) => {
    mustStayInside(statement.sql);
    const prepared = connection.prepare(statement.sql);
    if (!prepared.readonly) throw new StatementError('db.parallel only reads. Write with db itself.');
    return runPrepared(prepared, statement);
  });
}
