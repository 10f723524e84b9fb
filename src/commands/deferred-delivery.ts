/** Stores deferred deliveries, each waiting for its recipient, apart from the ordered events. */

import { and, asc, eq, sql } from 'drizzle-orm';
import { deferredDeliveries } from '../../drizzle/log.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type {
  BeginDeferredDelivery,
  DeferDelivery,
  EndDeferredDelivery,
} from '../domain/delivery-command.ts';
import { DEFERRED_DELIVERIES_MAX } from '../domain/delivery-limits.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import { value } from './placeholder.ts';
import type { Statements } from './statements.ts';

const isDeferred = and(
  eq(deferredDeliveries.subscriber, value('subscriber')),
  eq(deferredDeliveries.seq, value('seq')),
);

export const prepareDeferredStatements = (db: SyncDatabase) => ({
  deferredCount: db
    .select({ count: sql<number>`count(*)` })
    .from(deferredDeliveries)
    .where(eq(deferredDeliveries.subscriber, value('subscriber')))
    .prepare(),

  oldestDeferred: db
    .select({ seq: deferredDeliveries.seq, since: deferredDeliveries.since })
    .from(deferredDeliveries)
    .where(eq(deferredDeliveries.subscriber, value('subscriber')))
    .orderBy(asc(deferredDeliveries.seq))
    .limit(1)
    .prepare(),

  /** A delivery that is already deferred keeps its turn. */
  insertDeferred: db
    .insert(deferredDeliveries)
    .values({
      subscriber: value('subscriber'),
      seq: value('seq'),
      orderId: value('orderId'),
      since: value('now'),
      attempts: sql`1`,
      nextAttemptAt: value('nextAttemptAt'),
    })
    .onConflictDoNothing()
    .prepare(),

  beginDeferred: db
    .update(deferredDeliveries)
    .set({ attempts: sql`attempts + 1`, nextAttemptAt: sql`${value('nextAttemptAt')}` })
    .where(and(isDeferred, eq(deferredDeliveries.attempts, value('attempts'))))
    .returning({ seq: deferredDeliveries.seq })
    .prepare(),

  endDeferred: db.delete(deferredDeliveries).where(isDeferred).prepare(),
});

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
 * Stores the attempt before it is made, so that if the writer refuses its result, the next attempt
 * is delayed instead of repeated immediately.
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
