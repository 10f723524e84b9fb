/** Notifies the operator of a report that contradicts the stored payments. */
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Log } from '../log.ts';
import type { ReportedMovement } from '../payments/provider.ts';

/**
 * A report that fits no payment changes nothing; an operator must check what the provider means.
 */
export function warnOfMismatch(
  { reference, amount, currency }: ReportedMovement,
  outcome: OutcomeByCommand['recordMovement'],
  provider: string,
  log: Log,
): void {
  if (outcome.kind !== 'movement_recorded' || outcome.effect !== 'mismatched') return;
  const facts = { provider, reference, amount, currency };
  log.error(facts, 'a refund that the provider reports exceeds its payment, or has another currency');
}
