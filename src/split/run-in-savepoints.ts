/** Runs each command of a batch in its own savepoint, after one of them has failed the batch. */
import type { SqliteConnection } from './connection.ts';

/**
 * Call this inside a transaction. A command that fails has no effect; `failureOf` gives its
 * outcome, or null if the database itself failed: then the error is thrown.
 */
export function runInSavepoints<Command, Outcome, Failure>(
  connection: SqliteConnection,
  commands: readonly Command[],
  failureOf: (error: unknown) => Failure | null,
  run: (command: Command) => Outcome,
): (Outcome | Failure)[] {
  return commands.map((command) => {
    connection.exec('SAVEPOINT command');
    try {
      const outcome = run(command);
      connection.exec('RELEASE command');
      return outcome;
    } catch (error) {
      const failed = failureOf(error);
      if (failed === null || !connection.inTransaction) throw error;
      connection.exec('ROLLBACK TO command; RELEASE command');
      return failed;
    }
  });
}
