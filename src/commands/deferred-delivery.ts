/** Stores deferred deliveries, each waiting for its recipient, apart from the ordered events. */

import type {
  BeginDeferredDelivery,
  DeferDelivery,
  EndDeferredDelivery,
} from '../domain/delivery-command.ts';
import { DEFERRED_DELIVERIES_MAX } from '../domain/delivery-limits.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import type { Statements } from './statements.ts';

export function deferDelivery(
  { subscriber, seq, orderId, nextAttemptAt }: DeferDelivery,
  statements: Statements,
  { now }: Journal,
): OutcomeByCommand['deferDelivery'] {
  const waiting = statements.deferredCount.get({ subscriber })?.count ?? 0;
  const oldest =
    waiting < DEFERRED_DELIVERIES_MAX ? undefined : statements.oldestDeferred.get({ subscriber });
  if (oldest) return { kind: 'deferred_full', oldest };
  statements.insertDeferred.run({ subscriber, seq, orderId, nextAttemptAt, now });
  return { kind: 'done' };
}

/**
 * Reserves the attempt on disk before it is made: if the writer refuses afterwards, the next
 * attempt is delayed instead of repeated immediately.
 */
export function beginDeferredDelivery(
  command: BeginDeferredDelivery,
  statements: Statements,
): OutcomeByCommand['beginDeferredDelivery'] {
  return { kind: statements.beginDeferred.get({ ...command }) ? 'done' : 'not_due' };
}

export function endDeferredDelivery(
  { subscriber, seq }: EndDeferredDelivery,
  statements: Statements,
): OutcomeByCommand['endDeferredDelivery'] {
  statements.endDeferred.run({ subscriber, seq });
  return { kind: 'done' };
}
