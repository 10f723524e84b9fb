/** Stores deferred deliveries, each waiting for its recipient, apart from the ordered events. */

import type { BeginLateDelivery, EndLateDelivery, ParkDelivery } from '../domain/delivery-command.ts';
import { LATE_DELIVERIES_MAX } from '../domain/delivery-limits.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import type { Statements } from './statements.ts';

export function parkDelivery(
  { subscriber, seq, orderId, nextAttemptAt }: ParkDelivery,
  statements: Statements,
  { now }: Journal,
): OutcomeByCommand['parkDelivery'] {
  const waiting = statements.lateCount.get({ subscriber })?.count ?? 0;
  const oldest = waiting < LATE_DELIVERIES_MAX ? undefined : statements.oldestLate.get({ subscriber });
  if (oldest) return { kind: 'late_full', oldest };
  statements.insertLate.run({ subscriber, seq, orderId, nextAttemptAt, now });
  return { kind: 'done' };
}

/**
 * Reserves the attempt on disk before it is made: if the writer refuses afterwards, the next
 * attempt is delayed instead of repeated immediately.
 */
export function beginLateDelivery(
  command: BeginLateDelivery,
  statements: Statements,
): OutcomeByCommand['beginLateDelivery'] {
  return { kind: statements.beginLate.get({ ...command }) ? 'done' : 'not_due' };
}

export function endLateDelivery(
  { subscriber, seq }: EndLateDelivery,
  statements: Statements,
): OutcomeByCommand['endLateDelivery'] {
  statements.endLate.run({ subscriber, seq });
  return { kind: 'done' };
}
