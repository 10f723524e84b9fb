/** The reads of the event log, of deferred deliveries, and of requests for lost links. */
import { and, asc, eq, gt, lte, type SQL, sql } from 'drizzle-orm';
import { deferredDeliveries, events, linkRequests, subscribers } from '../../drizzle/log.ts';
import { DEFERRED_BACKOFF_MAX_MS } from '../domain/delivery-limits.ts';
import type { EventKind } from '../domain/event.ts';
import { preparedOnce } from './read-database.ts';

/** An event as a subscriber needs it. */
export interface LoggedEvent {
  seq: number;
  at: number;
  kind: EventKind;
  actor: string;
  dropId: number | null;
  orderId: number | null;
  quantity: number | null;
  /** Minor units. */
  amount: number | null;
  currency: string | null;
  /** JSON. */
  detail: string | null;
}

/** A deferred delivery, which waits for its recipient alone. */
export interface DeferredDelivery {
  event: LoggedEvent;
  /** When it first failed. */
  since: number;
  attempts: number;
}

/** A request for the links of one customer's orders. Its `id` is reused once it has ended. */
export interface LinkRequest {
  id: number;
  /** Keyed hash of the address. */
  recipient: string;
  at: number;
}

export interface LogReads {
  /** In the order of the log, starting after `afterSeq`. */
  eventsAfter(afterSeq: number, limit: number): LoggedEvent[];
  /** The number of the last event; 0 for an empty log. */
  lastSeq(): number;
  /** Every subscriber that ever existed, with its position. */
  subscribers(): { name: string; lastSeq: number }[];
  /**
   * A subscriber's deferred deliveries whose next attempt is due, the longest overdue first. An
   * attempt that is due later than the longest backoff was scheduled while the clock was ahead, so
   * it counts as due.
   */
  dueDeferredDeliveries(subscriber: string, now: number, limit: number): DeferredDelivery[];
  /** The events after `afterSeq` whose delivery by a subscriber is deferred. */
  deferredSeqs(subscriber: string, afterSeq: number): number[];
  /** The number of deferred deliveries of each subscriber. */
  deferredCounts(): { subscriber: string; count: number }[];
  /** The requests for lost links that have not ended, the oldest first. */
  linkRequests(): LinkRequest[];
}

const eventColumns = {
  seq: events.seq,
  at: events.at,
  kind: sql<EventKind>`${events.kind}`,
  actor: events.actor,
  dropId: events.dropId,
  orderId: events.orderId,
  quantity: events.quantity,
  amount: events.amount,
  currency: events.currency,
  detail: events.detail,
};

export const logReads = preparedOnce((db): LogReads => {
  const eventsAfter = db
    .select(eventColumns)
    .from(events)
    .where(gt(events.seq, sql.placeholder('afterSeq')))
    .orderBy(asc(events.seq))
    .limit(sql.placeholder('limit'))
    .prepare();
  const last = db
    .select({ seq: sql<number>`coalesce(max(${events.seq}), 0)` })
    .from(events)
    .prepare();
  const positions = db
    .select({ name: subscribers.name, lastSeq: subscribers.lastSeq })
    .from(subscribers)
    .orderBy(asc(subscribers.name))
    .prepare();
  /** Two seeks in the index: one condition with OR would sort. */
  const deferredWhere = (isDue: SQL) =>
    db
      .select({ event: eventColumns, since: deferredDeliveries.since, attempts: deferredDeliveries.attempts })
      .from(deferredDeliveries)
      .innerJoin(events, eq(events.seq, deferredDeliveries.seq))
      .where(and(eq(deferredDeliveries.subscriber, sql.placeholder('subscriber')), isDue))
      .orderBy(asc(deferredDeliveries.nextAttemptAt))
      .limit(sql.placeholder('limit'))
      .prepare();
  const due = deferredWhere(lte(deferredDeliveries.nextAttemptAt, sql.placeholder('now')));
  const tooLate = deferredWhere(gt(deferredDeliveries.nextAttemptAt, sql.placeholder('latest')));
  const deferredSeqs = db
    .select({ seq: deferredDeliveries.seq })
    .from(deferredDeliveries)
    .where(
      and(
        eq(deferredDeliveries.subscriber, sql.placeholder('subscriber')),
        gt(deferredDeliveries.seq, sql.placeholder('afterSeq')),
      ),
    )
    .prepare();
  const deferredCounts = db
    .select({ subscriber: deferredDeliveries.subscriber, count: sql<number>`count(*)` })
    .from(deferredDeliveries)
    .groupBy(deferredDeliveries.subscriber)
    .prepare();
  const linkRequestsById = db
    .select({ id: linkRequests.id, recipient: linkRequests.recipient, at: linkRequests.at })
    .from(linkRequests)
    .orderBy(asc(linkRequests.id))
    .prepare();
  return {
    dueDeferredDeliveries(subscriber, now, limit) {
      const found = due.all({ subscriber, now, limit });
      const latest = now + DEFERRED_BACKOFF_MAX_MS;
      return [...found, ...tooLate.all({ subscriber, latest, limit: limit - found.length })];
    },
    deferredSeqs: (subscriber, afterSeq) => deferredSeqs.all({ subscriber, afterSeq }).map(({ seq }) => seq),
    deferredCounts: () => deferredCounts.all(),
    linkRequests: () => linkRequestsById.all(),
    subscribers: () => positions.all(),
    lastSeq: () => last.get()?.seq ?? 0,
    eventsAfter: (afterSeq, limit) => eventsAfter.all({ afterSeq, limit }),
  };
});
