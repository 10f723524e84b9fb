/** The public form of an event: its name, its stable id, and the order or drop that it is about. */
import type { LoggedEvent } from '../database/log-reads.ts';
import { orderReads } from '../database/order-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import type { Drop } from '../domain/drop.ts';
import type { EventKind } from '../domain/event.ts';
import type { DisputeStatus, Order } from '../domain/order.ts';
import type { Ids } from '../ids/ids.ts';

export const outboundTypes = {
  held: 'order.held',
  paid: 'order.paid',
  released: 'order.released',
  refund_sent: 'order.refunded',
  refund_settled: 'order.refunded',
  dispute_opened: 'order.disputed',
  dispute_won: 'order.dispute_closed',
  dispute_lost: 'order.dispute_closed',
  refund_failed: 'refund.failed',
  refund_doubled: 'refund.doubled',
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

/**
 * An event with its order and drop in their current state; later changes have events of their own.
 */
export interface OutboundEvent {
  /** The same for every delivery of this event. */
  id: string;
  type: OutboundType;
  at: number;
  /** Null for money that belongs to no order; `order` is then null too. */
  drop: Drop | null;
  /** Null for an event about the drop, or about money of no order. */
  order: Order | null;
  /** The payment provider that reported it; null for other sources. */
  provider: string | null;
  /** Amount moved, in minor units; null without money. */
  amount: number | null;
  currency: string | null;
  /** Why the order was released, refunded or disputed. */
  reason: string | null;
  /** The provider's code for why a refund failed. */
  error: string | null;
  /** State of the dispute; null for events about anything else. */
  dispute: DisputeStatus | null;
}

/** Kinds that need an operator even if the money belongs to no order. */
const kindsOfAnyMoney: ReadonlySet<EventKind> = new Set<EventKind>([
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
  'refund_failed',
  'refund_doubled',
]);
const providerOf = (actor: string): string | null => /^provider:(.+)$/.exec(actor)?.[1] ?? null;

/** Null for internal events, and for refunds of money that belonged to no order. */
export function outboundEvent(event: LoggedEvent, db: ShopDatabase, ids: Ids): OutboundEvent | null {
  const { kind, at, actor, dropId, orderId, amount, currency, detail } = event;
  if (!isOutbound(kind)) return null;
  // The refund that covered this one has an event of its own: one made in the dashboard, or a lost
  // dispute.
  if (kind === 'refund_settled' && amount === 0) return null;
  const drop = dropId === null ? null : (db.snapshot.get(dropId) ?? null);
  const found = orderId === null ? null : (orderReads(db).order(orderId)?.order ?? null);
  const order = drop && found;
  const isUnclaimed = orderId === null && kindsOfAnyMoney.has(kind);
  // A sell-out is the only event about a drop alone.
  const isOfDrop = drop !== null && kind === 'sold_out';
  if (!order && !isOfDrop && !isUnclaimed) return null;
  const facts: { reason?: string; error?: string | null } = JSON.parse(detail ?? '{}');
  const { reason = null, error = null } = facts;
  const dispute = disputeStatusOf[kind] ?? null;
  const type = outboundTypes[kind];
  const id = ids.event(event);
  const provider = providerOf(actor);
  return { id, type, at, provider, drop, order, amount, currency, reason, error, dispute };
}
