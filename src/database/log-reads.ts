/** The reads of the event log, of late deliveries, and of requests for lost links. */
import { and, asc, eq, gt, lte, type SQL, sql } from 'drizzle-orm';
import { events, lateDeliveries, linkRequests, subscribers } from '../../drizzle/log.ts';
import { LATE_BACKOFF_MAX_MS } from '../domain/delivery-limits.ts';
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

/** A deferred delivery, which waits for its own recipient. */
export interface LateDelivery {
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
   * attempt that is planned for later than the longest backoff was planned while the clock was
   * ahead: it is due too.
   */
  dueLateDeliveries(subscriber: string, now: number, limit: number): LateDelivery[];
  /** The events after `afterSeq` whose delivery by a subscriber is deferred. */
  lateSeqs(subscriber: string, afterSeq: number): number[];
  /** The number of deferred deliveries of each subscriber. */
  lateCounts(): { subscriber: string; count: number }[];
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
  const parkedWhere = (isDue: SQL) =>
    db
      .select({ event: eventColumns, since: lateDeliveries.since, attempts: lateDeliveries.attempts })
      .from(lateDeliveries)
      .innerJoin(events, eq(events.seq, lateDeliveries.seq))
      .where(and(eq(lateDeliveries.subscriber, sql.placeholder('subscriber')), isDue))
      .orderBy(asc(lateDeliveries.nextAttemptAt))
      .limit(sql.placeholder('limit'))
      .prepare();
  const due = parkedWhere(lte(lateDeliveries.nextAttemptAt, sql.placeholder('now')));
  const tooLate = parkedWhere(gt(lateDeliveries.nextAttemptAt, sql.placeholder('latest')));
  const lateSeqs = db
    .select({ seq: lateDeliveries.seq })
    .from(lateDeliveries)
    .where(
      and(
        eq(lateDeliveries.subscriber, sql.placeholder('subscriber')),
        gt(lateDeliveries.seq, sql.placeholder('afterSeq')),
      ),
    )
    .prepare();
  const lateCounts = db
    .select({ subscriber: lateDeliveries.subscriber, count: sql<number>`count(*)` })
    .from(lateDeliveries)
    .groupBy(lateDeliveries.subscriber)
    .prepare();
  const linkRequestsById = db
    .select({ id: linkRequests.id, recipient: linkRequests.recipient, at: linkRequests.at })
    .from(linkRequests)
    .orderBy(asc(linkRequests.id))
    .prepare();
  return {
    dueLateDeliveries(subscriber, now, limit) {
      const found = due.all({ subscriber, now, limit });
      const latest = now + LATE_BACKOFF_MAX_MS;
      return [...found, ...tooLate.all({ subscriber, latest, limit: limit - found.length })];
    },
    lateSeqs: (subscriber, afterSeq) => lateSeqs.all({ subscriber, afterSeq }).map(({ seq }) => seq),
    lateCounts: () => lateCounts.all(),
    linkRequests: () => linkRequestsById.all(),
    subscribers: () => positions.all(),
    lastSeq: () => last.get()?.seq ?? 0,
    eventsAfter: (afterSeq, limit) => eventsAfter.all({ afterSeq, limit }),
  };
});
