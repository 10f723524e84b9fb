/** Records the last event that was delivered to a subscriber. */
import type { AdvanceSubscriber } from '../domain/delivery-command.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Statements } from './statements.ts';

export function advanceSubscriber(
  command: AdvanceSubscriber,
  statements: Statements,
): OutcomeByCommand['advanceSubscriber'] {
  const { name } = command;
  if (command.lastSeq === null) {
    const known = statements.subscriber.get({ name });
    if (known) return { kind: 'advanced', ...known };
  }
  const lastSeq = command.lastSeq ?? statements.lastLink.get()?.lastSeq ?? 0;
  return { kind: 'advanced', ...statements.advanceSubscriber.get({ name, lastSeq }) };
}
