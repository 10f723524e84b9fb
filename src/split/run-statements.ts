/** Runs SQL of operator code on the writer's connection: all of a group or none, never the end of the batch around it. */
import type { SqliteConnection } from './connection.ts';
import type { RunStatements, StatementsOutcome } from './statements.ts';

// These would end, nest or escape the transaction that other commands share.
const transactionControl =
  /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*(?:begin|commit|end|rollback|savepoint|release|attach|detach|pragma|vacuum)\b/i;

// Every other code speaks of the database, not of the statement.
const statementErrors = /^SQLITE_(?:ERROR|CONSTRAINT|MISMATCH|TOOBIG|RANGE)(?:_|$)/;

// A conflict resolved so would undo the commands of everybody else in the batch.
const undoesBatch = /\bor\s+rollback\b/i;

function isStatementError(error: unknown): error is Error & { code: string } {
  if (!(error instanceof Error)) return false;
  // Misuse of the driver, as of a wrong number of parameters or of two statements in one string.
  if (error instanceof RangeError || error instanceof TypeError) return true;
  if (!('code' in error)) return false;
  return typeof error.code === 'string' && statementErrors.test(error.code);
}

/** Answers `statement_failed` where a statement is wrong; throws only where the database itself fails. */
export function runStatements(connection: SqliteConnection, command: RunStatements): StatementsOutcome {
  if (command.statements.some(({ sql }) => transactionControl.test(sql) || undoesBatch.test(sql))) {
    return {
      kind: 'statement_failed',
      message:
        'Transactions, OR ROLLBACK, PRAGMA, ATTACH and VACUUM do not go through the queue: use db.batch([…]) or a Command.',
    };
  }
  connection.exec('SAVEPOINT statements');
  try {
    const results = command.statements.map(({ sql, params, method }) => {
      const statement = connection.prepare(sql);
      if (!statement.reader) {
        const { changes, lastInsertRowid } = statement.run(...params);
        return { rows: [], changes, lastInsertRowid };
      }
      const rows = statement.raw(true);
      return { rows: method === 'get' ? rows.get(...params) : rows.all(...params) };
    });
    connection.exec('RELEASE statements');
    return { kind: 'statements_run', results };
  } catch (error) {
    if (!isStatementError(error) || !connection.inTransaction) throw error;
    connection.exec('ROLLBACK TO statements; RELEASE statements');
    return { kind: 'statement_failed', message: error.message };
  }
}
