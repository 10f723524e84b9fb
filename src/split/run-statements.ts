/**
 * Runs SQL of an application on the writer's connection: a group runs completely or not at all, and
 * cannot end the batch around it.
 */
import Database from 'better-sqlite3';
import type { SqliteConnection } from './connection.ts';
import { StatementError, toSent } from './errors.ts';
import { mustStayInside } from './statement-rules.ts';
import type { RunStatements, Statement, StatementResult, StatementsOutcome } from './statements.ts';

// Every other code is about the database, not the statement.
const statementErrors = /^SQLITE_(?:ERROR|CONSTRAINT|LOCKED|MISMATCH|TOOBIG|RANGE)(?:_|$)/;

/** Whether an error is about one statement or its values, and leaves the connection sound. */
export function isStatementError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  // Misuse of the driver, such as a wrong number of parameters or two statements in one string.
  if (error instanceof RangeError || error instanceof TypeError || error instanceof StatementError)
    return true;
  if (!('code' in error)) return false;
  return typeof error.code === 'string' && statementErrors.test(error.code);
}

/**
 * Whether an error of a driver call is about its statement. An error that is not SQLite's comes
 * from a value that the driver does not accept, or from an SQL function of the application.
 */
export const isOfStatement = (error: unknown): error is Error =>
  error instanceof Error && (!(error instanceof Database.SqliteError) || isStatementError(error));

/** Runs a prepared statement once; returns rows in the requested shape. */
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

/** Answers `statement_failed` if a statement is wrong; throws only if the database itself fails. */
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
