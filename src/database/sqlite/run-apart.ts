/** Runs each command of a batch in its own savepoint, after one of them has failed the batch. */
import type { Command } from '../../domain/command.ts';
import type { CommandOutcome } from '../../domain/outcome.ts';
import type { SqliteConnection } from '../../split/connection.ts';
import { failedCommandOf } from '../../split/refused-value.ts';

/**
 * Call this inside a transaction. A command that fails has no effect, and its outcome is `command_failed`. Throws if
 * the database itself fails.
 */
export function runApart(
  connection: SqliteConnection,
  commands: readonly Command[],
  run: (command: Command) => CommandOutcome,
): CommandOutcome[] {
  return commands.map((command) => {
    connection.exec('SAVEPOINT command');
    try {
      const outcome = run(command);
      connection.exec('RELEASE command');
      return outcome;
    } catch (error) {
      const failed = failedCommandOf(error);
      if (!failed || !connection.inTransaction) throw error;
      connection.exec('ROLLBACK TO command; RELEASE command');
      return failed;
    }
  });
}
