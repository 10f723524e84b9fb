/** Remembers up to which event a follower of the log has told the outside. */
import type { AdvanceFollower } from '../domain/delivery-command.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Statements } from './statements.ts';

export function advanceFollower(
  command: AdvanceFollower,
  statements: Statements,
): OutcomeByCommand['advanceFollower'] {
  const { name } = command;
  if (command.lastSeq === null) {
    const known = statements.follower.get({ name });
    if (known) return { kind: 'advanced', ...known };
  }
  const lastSeq = command.lastSeq ?? statements.lastLink.get()?.lastSeq ?? 0;
  return { kind: 'advanced', ...statements.advanceFollower.get({ name, lastSeq }) };
}
