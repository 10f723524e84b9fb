/** The reads of the event log by those who follow it. */
import { asc, gt, sql } from 'drizzle-orm';
import { events, followers } from '../../drizzle/log.ts';
import type { EventKind } from '../domain/event.ts';
import type { SyncDatabase } from './sync-database.ts';

/** An event as a follower needs it. */
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

export interface LogReads {
  /** In the order of the log, from after `afterSeq` on. */
  eventsAfter(afterSeq: number, limit: number): LoggedEvent[];
  /** The number of the last event; 0 for an empty log. */
  lastSeq(): number;
  /** Every follower that ever was, and up to which event it has told. */
  followers(): { name: string; lastSeq: number }[];
}

export function createLogReads(db: SyncDatabase): LogReads {
  const eventsAfter = db
    .select({
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
    })
    .from(events)
    .where(gt(events.seq, sql.placeholder('afterSeq')))
    .orderBy(asc(events.seq))
    .limit(sql.placeholder('limit'))
    .prepare();
  const last = db
    .select({ seq: sql<number>`coalesce(max(${events.seq}), 0)` })
    .from(events)
    .prepare();
  const places = db
    .select({ name: followers.name, lastSeq: followers.lastSeq })
    .from(followers)
    .orderBy(asc(followers.name))
    .prepare();
  return {
    followers: () => places.all(),
    lastSeq: () => last.get()?.seq ?? 0,
    eventsAfter: (afterSeq, limit) => eventsAfter.all({ afterSeq, limit }),
  };
}
