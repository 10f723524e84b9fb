/** Keeps where buyers were sent to pay, and forgets it once nothing more can come of it. */
import type { CloseCheckout, RecordCheckout } from '../../domain/command.ts';
import type { OutcomeByCommand } from '../../domain/outcome.ts';
import type { Journal } from './journal.ts';
import type { Statements } from './statements.ts';

export function recordCheckout(
  command: RecordCheckout,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['recordCheckout'] {
  const { orderId, provider, reference, url, expiresAt } = command;
  statements.insertCheckout.run({ orderId, provider, reference, url, expiresAt, createdAt: journal.now });
  return { kind: 'done' };
}

export function closeCheckout(
  command: CloseCheckout,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['closeCheckout'] {
  statements.closeCheckout.run({ checkoutId: command.checkoutId, now: journal.now });
  return { kind: 'done' };
}
