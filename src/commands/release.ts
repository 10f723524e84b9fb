/** Ends holds without a sale: expired, cancelled, unpayable or deleted; and frees their units. */

import { and, asc, lte, sql } from 'drizzle-orm';
import { orders } from '../../drizzle/schema.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { CancelOrder, ReleaseDue, ReleaseUnpayable } from '../domain/command.ts';
import { unitsOfOrder } from '../domain/event.ts';
import { canBecome, type OrderStatus, type OrderUnits, type ReleaseReason } from '../domain/order.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { RELEASE_IN_HOLD_ORDERS } from '../limits.ts';
import type { Journal } from './journal.ts';
import { value } from './placeholder.ts';
import type { Statements } from './statements.ts';

const heldOrder = {
  id: orders.id,
  dropId: orders.dropId,
  items: orders.items,
  units: orders.units,
  status: orders.status,
};
// A literal status, not a parameter: otherwise SQLite may not use the partial index.
const isDue = and(sql`${orders.status} = 'held'`, lte(orders.holdExpiresAt, value('now')));
// The text of `items` has a bracket before each item's key and a comma after it. Parsing the JSON
// of each due hold takes ten times as long. The cast is needed because the driver binds reals.
const hasItem = sql`instr(${orders.items}, '[' || cast(${value('itemId')} as integer) || ',') > 0`;

export const prepareDueStatements = (db: SyncDatabase) => ({
  dueOrders: db
    .select(heldOrder)
    .from(orders)
    .where(isDue)
    .orderBy(asc(orders.holdExpiresAt))
    .limit(value('limit'))
    .prepare(),

  // Without LIMIT, for a look at the first one: a bound LIMIT makes SQLite plan the statement
  // again at every call, which takes ten times as long, and the refusals of a whole crowd wait
  // for it.
  dueOrderOfItem: db.select({ id: orders.id }).from(orders).where(and(isDue, hasItem)).prepare(),

  dueOrdersOfItem: db
    .select(heldOrder)
    .from(orders)
    .where(and(isDue, hasItem))
    .orderBy(asc(orders.holdExpiresAt))
    .limit(value('limit'))
    .prepare(),
});

interface HeldOrder extends OrderUnits {
  dropId: number;
  status: OrderStatus;
}

/** Ends one hold; `why` goes into the log. */
export function release(
  order: HeldOrder,
  actor: string,
  why: { reason: ReleaseReason; code?: string },
  statements: Statements,
  journal: Journal,
): void {
  if (!canBecome(order.status, 'released'))
    throw new Error(`An order that is ${order.status} can't be released.`);
  statements.releaseOrder.run({ orderId: order.id, reason: why.reason });
  journal.openHolds.end(order.id, 'lapsed');
  for (const { itemId, quantity } of order.items)
    journal.touchStock(order.dropId, statements.freeHeldUnits.get({ itemId, quantity }));
  journal.log({
    kind: 'released',
    actor,
    dropId: order.dropId,
    ...unitsOfOrder(order),
    detail: { ...why },
  });
}

/** Releases at most `orders` expired holds, the longest expired first. */
export function releaseDue(
  command: Pick<ReleaseDue, 'orders'>,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['releaseDue'] {
  const due = statements.dueOrders.all({ now: journal.now, limit: command.orders });
  for (const order of due) release(order, 'clock', { reason: 'expired' }, statements, journal);
  return { kind: 'released_due', orders: due.length };
}

/** Releases expired holds of one item, as many as one purchase can need; returns how many. */
export function releaseDueOfItem(itemId: number, statements: Statements, journal: Journal): number {
  if (!statements.dueOrderOfItem.get({ itemId, now: journal.now })) return 0;
  const due = statements.dueOrdersOfItem.all({ itemId, now: journal.now, limit: RELEASE_IN_HOLD_ORDERS });
  for (const order of due) release(order, 'clock', { reason: 'expired' }, statements, journal);
  return due.length;
}

/** Cancels a hold; a repetition changes nothing, and a paid order stays. */
export function cancelOrder(
  command: CancelOrder,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['cancelOrder'] {
  const order = statements.orderById.get({ orderId: command.orderId });
  if (!order) return { kind: 'order_not_found' };
  if (order.status === 'released') return { kind: 'cancelled', order };
  if (!canBecome(order.status, 'released')) return { kind: 'already_paid' };
  release(order, 'customer', { reason: 'cancelled' }, statements, journal);
  return { kind: 'cancelled', order: { ...order, status: 'released', releaseReason: 'cancelled' } };
}

/** Releases a hold that cannot be paid. A repetition changes nothing; a paid order stays. */
export function releaseUnpayable(
  { orderId, provider, code }: ReleaseUnpayable,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['releaseUnpayable'] {
  const order = statements.orderById.get({ orderId });
  if (!order) return { kind: 'order_not_found' };
  if (order.status === 'released') return { kind: 'done' };
  if (!canBecome(order.status, 'released')) return { kind: 'wrong_status', status: order.status };
  release(order, `provider:${provider}`, { reason: 'unpayable', code }, statements, journal);
  return { kind: 'done' };
}
