/**
 * An event of the log: what happened to which rows, how much, by whom and when; no personal data.
 */

import type { OrderUnits } from './order.ts';

export type EventKind =
  | 'drop_created'
  | 'drop_edited'
  | 'restocked'
  | 'held'
  | 'released'
  | 'paid'
  | 'declined'
  | 'sold_out'
  | 'refund_due'
  | 'refund_sent'
  | 'refund_failed'
  | 'refund_retried'
  | 'refund_settled'
  /** Less is due, because money was returned another way. */
  | 'refund_reduced'
  /** The provider made a refund that was settled by hand: the customer may have the money twice. */
  | 'refund_doubled'
  | 'dispute_opened'
  | 'dispute_won'
  | 'dispute_lost'
  | 'fulfilled'
  | 'tracking_changed'
  | 'customer_erased'
  | 'orders_exported'
  /**
   * An operator was shown more than LISTED_ORDERS_MAX orders of a drop, or of all, within an hour.
   */
  | 'orders_listed'
  | 'reconciled'
  | 'backed_up'
  /** From older versions; requests for lost links are no longer logged. */
  | 'links_requested'
  | 'checkout_opened'
  | 'checkout_closed'
  | 'operator_added'
  | 'operator_revoked';

export interface Event {
  kind: EventKind;
  /** `customer`, `clock`, `provider:<name>`, `operator[:<name>]`, `console`, or `shards`. */
  actor: string;
  dropId: number | null;
  itemId?: number;
  orderId?: number;
  quantity?: number;
  /** The units of each item, if an order has several items; logged in the detail. */
  items?: readonly (readonly [itemId: number, quantity: number])[];
  /** Minor units. */
  amount?: number;
  currency?: string;
  detail?: Readonly<Record<string, unknown>>;
}

/** What an event says of an order's units. */
export function unitsOfOrder({
  id,
  items,
  units,
}: OrderUnits): Pick<Event, 'orderId' | 'itemId' | 'quantity' | 'items'> {
  const [first] = items;
  return items.length === 1 && first
    ? { orderId: id, itemId: first.itemId, quantity: units }
    : { orderId: id, quantity: units, items: items.map(({ itemId, quantity }) => [itemId, quantity]) };
}
