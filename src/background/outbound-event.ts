/** What the outside hears of an event: its public name, its stable id, and the order or drop that it is about. */
import type { LoggedEvent } from '../database/log-reads.ts';
import type { Store } from '../database/store.ts';
import type { Drop } from '../domain/drop.ts';
import type { EventKind } from '../domain/event.ts';
import type { DisputeStatus, Order } from '../domain/order.ts';
import type { Ids } from '../ids.ts';

export const outboundTypes = {
  held: 'order.held',
  paid: 'order.paid',
  released: 'order.released',
  refund_sent: 'order.refunded',
  dispute_opened: 'order.disputed',
  dispute_won: 'order.dispute_closed',
  dispute_lost: 'order.dispute_closed',
  refund_failed: 'refund.failed',
  sold_out: 'drop.sold_out',
} as const satisfies Partial<Record<EventKind, string>>;

type OutboundKind = keyof typeof outboundTypes;
export type OutboundType = (typeof outboundTypes)[OutboundKind];

export const outboundKinds: ReadonlySet<EventKind> = new Set(Object.keys(outboundTypes) as OutboundKind[]);
const disputeStatusOf: Partial<Record<EventKind, DisputeStatus>> = {
  dispute_opened: 'open',
  dispute_won: 'won',
  dispute_lost: 'lost',
};
const isOutbound = (kind: EventKind): kind is OutboundKind => outboundKinds.has(kind);

/** The order and the drop as they are now; what has changed since is told by the events after this one. */
export interface OutboundEvent {
  /** The same for every delivery of this event. */
  id: string;
  type: OutboundType;
  at: number;
  drop: Drop;
  /** Null where it is about the drop. */
  order: Order | null;
  /** What moved, in minor units; null where nothing did. */
  amount: number | null;
  currency: string | null;
  /** Why it was released, refunded or disputed. */
  reason: string | null;
  /** The provider's word for why a refund failed. */
  error: string | null;
  /** How a dispute stands; null where the event is about something else. */
  dispute: DisputeStatus | null;
}

/** Null where there is nothing to tell: money that belonged to no order, or a kind that stays inside. */
export function outboundEvent(event: LoggedEvent, store: Store, ids: Ids): OutboundEvent | null {
  const { seq, kind, at, dropId, orderId, amount, currency, detail } = event;
  const drop = dropId === null ? undefined : store.snapshot.get(dropId);
  if (!isOutbound(kind) || !drop) return null;
  const order = orderId === null ? null : (store.reads.order(orderId)?.order ?? null);
  // Only a sell-out is about the drop alone.
  if (!order && kind !== 'sold_out') return null;
  const facts: { reason?: string; error?: string | null } = JSON.parse(detail ?? '{}');
  const { reason = null, error = null } = facts;
  const dispute = disputeStatusOf[kind] ?? null;
  const type = outboundTypes[kind];
  return { id: ids.event(seq), type, at, drop, order, amount, currency, reason, error, dispute };
}
