/**
 * Commits a batch in parts if one command makes SQLite undo the whole batch, so that it fails
 * alone.
 */
import { notWrittenBecause, refusalOf } from './not-written.ts';
import type { QueueRefusal } from './refusal.ts';

/**
 * Halves a failing batch until the commands at fault are alone. A deferred foreign key fails only
 * at COMMIT, and a conflict that is resolved by ROLLBACK ends the transaction itself. `commit`
 * either commits a part or throws after its rollback. `failureOf` gives the outcome of a command
 * that failed alone; null means that the database itself failed, and the error is thrown.
 */
export function commitInParts<Command, Outcome>(
  batch: readonly Command[],
  commit: (part: readonly Command[]) => readonly Outcome[],
  failureOf: (command: Command, error: unknown) => Outcome | null,
): (Outcome | QueueRefusal)[] {
  let hasCommitted = false;
  const inParts = (part: readonly Command[]): (Outcome | QueueRefusal)[] => {
    try {
      const outcomes = commit(part);
      hasCommitted = true;
      return [...outcomes];
    } catch (error) {
      const why = hasCommitted ? notWrittenBecause(error) : null;
      if (why) return part.map(() => refusalOf(why));
      const [failure = null] = part.slice(0, 1).map((command) => failureOf(command, error));
      if (failure === null) throw error;
      if (part.length === 1) return [failure];
      const middle = part.length >> 1;
      return [...inParts(part.slice(0, middle)), ...inParts(part.slice(middle))];
    }
  };
  return inParts(batch);
}
