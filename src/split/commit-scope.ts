/** Runs work in a scope of the commands, so that their state in memory matches the file. */
import type { CommitScope, OpenCommands } from './commands.ts';

/** Calls `work` with a new scope, and restores the state in memory if it throws. */
export function inScope<Command, Outcome, Update, T>(
  commands: OpenCommands<Command, Outcome, Update>,
  now: number,
  work: (scope: CommitScope<Command, Outcome, Update>) => T,
): T {
  const scope = commands.begin(now);
  try {
    return work(scope);
  } catch (error) {
    scope.rollBack();
    throw error;
  }
}
