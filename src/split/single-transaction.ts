/** A transaction that stays open between its statements, on the writer's connection. */
import type { OpenCommands } from './commands.ts';
import { inScope } from './commit-scope.ts';
import type { SqliteConnection } from './connection.ts';
import { toSent } from './errors.ts';
import { isStatementError, runStatements } from './run-statements.ts';
import { isSavepoint } from './statement-rules.ts';
import type { Statement, StatementsOutcome } from './statements.ts';
import type { TransactionControl } from './transaction-control.ts';

/**
 * Any error that it throws has rolled it back, as in `commit` of a batch; after an error of a
 * statement, the connection is sound.
 */
export interface SingleTransaction<Update> {
  /** Runs all of the statements or none; if one of them is wrong, the transaction goes on. */
  run(statements: readonly Statement[]): StatementsOutcome;
  /** Returns after the fsync, with the whole state: the statements may have changed anything. */
  commit(): Update;
  rollBack(): void;
}

function runStep(connection: SqliteConnection, statements: readonly Statement[]): StatementsOutcome {
  const [first] = statements;
  if (!first || !isSavepoint(first.sql))
    return runStatements(connection, { kind: 'runStatements', statements });
  try {
    // Outside the savepoint of a group, whose release would end this one too.
    connection.exec(first.sql);
    return { kind: 'statements_run', results: [{ rows: [] }] };
  } catch (error) {
    if (!isStatementError(error)) throw error;
    return { kind: 'statement_failed', error: toSent(error) };
  }
}

/** Begins a transaction. Until it ends, commit nothing else on the connection. */
export function beginSingleTransaction<Command, Outcome, Update>(
  connection: SqliteConnection,
  control: TransactionControl,
  commands: OpenCommands<Command, Outcome, Update>,
  now: number,
): SingleTransaction<Update> {
  const commit = (): Update =>
    inScope(commands, now, (scope) => {
      scope.reload();
      scope.end();
      const update = commands.state();
      // The state includes foreign commits. If this commit is rolled back, they are still to be
      // detected.
      control.skipForeignCommits();
      control.commit();
      commands.afterCommit();
      return update;
    });
  control.orRollBack(() => control.begin());
  return {
    run: (statements) => control.orRollBack(() => runStep(connection, statements)),
    commit: () => control.orRollBack(commit),
    rollBack: () => connection.exec('ROLLBACK'),
  };
}
