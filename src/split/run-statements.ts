/** Runs SQL of an application on the writer's connection: all of a group or none, never the end of the batch around it. */
import Database from 'better-sqlite3';
import type { SqliteConnection } from './connection.ts';
import { StatementError, toSent } from './errors.ts';
import { mustStayInside } from './statement-rules.ts';
import type { RunStatements, Statement, StatementResult, StatementsOutcome } from './statements.ts';

// Every other code speaks of the database, not of the statement.
const statementErrors = /^SQLITE_(?:ERROR|CONSTRAINT|LOCKED|MISMATCH|TOOBIG|RANGE)(?:_|$)/;

/** Whether an error is about one statement or its values, and leaves the connection sound. */
export function isStatementError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  // Misuse of the driver, as of a wrong number of parameters or of two statements in one string.
  if (error instanceof RangeError || error instanceof TypeError || error instanceof StatementError)
    return true;
  if (!('code' in error)) return false;
  return typeof error.code === 'string' && statementErrors.test(error.code);
}

/**
 * Whether an error of a call of the driver is about its statement. What is none of SQLite's comes of a value that the driver
 * does not take, or of a function of the application's own in SQL.
 */
export const isOfStatement = (error: unknown): error is Error =>
  error instanceof Error && (!(error instanceof Database.SqliteError) || isStatementError(error));

/** Runs a prepared statement once, with rows in the shape that is asked for. */
export function runPrepared(
  statement: Database.Statement,
  { params, method, asObjects = false }: Pick<Statement, 'params' | 'method' | 'asObjects'>,
): StatementResult {
  if (method === 'run' || !statement.reader) {
    return { rows: method === 'get' ? undefined : [], ...statement.run(...params) };
  }
  statement.raw(!asObjects);
  return { rows: method === 'get' ? statement.get(...params) : statement.all(...params) };
}

/** Answers `statement_failed` where a statement is wrong; throws only where the database itself fails. */
export function runStatements(connection: SqliteConnection, command: RunStatements): StatementsOutcome {
  connection.exec('SAVEPOINT statements');
  try {
    const results = command.statements.map((statement) => {
      mustStayInside(statement.sql);
      return runPrepared(connection.prepare(statement.sql), statement);
    });
    connection.exec('RELEASE statements');
    return { kind: 'statements_run', results };
  } catch (error) {
    if (!isOfStatement(error) || !connection.inTransaction) throw error;
    connection.exec('ROLLBACK TO statements; RELEASE statements');
    return { kind: 'statement_failed', error: toSent(error) };
  }
}
