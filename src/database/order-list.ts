/** The operator's list of orders: filtered, newest first, a page at a time. */
import { and, desc, eq, gte, inArray, lt, max } from 'drizzle-orm';
import { QueryBuilder } from 'drizzle-orm/sqlite-core';
import { disputes, orders, payments } from '../../drizzle/schema.ts';
import type { DisputeStatus, Order, OrderStatus } from '../domain/order.ts';
import { LISTED_ORDERS_SCANNED } from '../limits.ts';
import { orderColumns } from './order-columns.ts';
import type { AwaitedReads } from './read-database.ts';

export interface OrderFilter {
  dropId?: number | undefined;
  status?: OrderStatus | undefined;
  /** Only orders that show this state of their disputes. */
  dispute?: DisputeStatus | undefined;
  /** Keyed hash of the e-mail. */
  customer?: string | undefined;
  /** Only orders placed before this one. */
  beforeOrderId?: number | undefined;
}

/** Disputes are few, so SQLite starts with them and finds the orders by their key. */
const ofDispute = (status: DisputeStatus) =>
  inArray(
    orders.id,
    new QueryBuilder()
      .select({ id: payments.orderId })
      .from(disputes)
      .innerJoin(payments, eq(payments.id, disputes.paymentId))
      .where(eq(disputes.status, status)),
  );

/** `from` is the lowest key to search. */
const select = (
  db: AwaitedReads,
  { dropId, status, dispute, customer, beforeOrderId }: OrderFilter,
  limit: number,
  from?: number,
): Promise<Order[]> =>
  db
    .select(orderColumns)
    .from(orders)
    .where(
      and(
        dropId === undefined ? undefined : eq(orders.dropId, dropId),
        status === undefined ? undefined : eq(orders.status, status),
        dispute === undefined ? undefined : and(ofDispute(dispute), eq(orders.dispute, dispute)),
        customer === undefined ? undefined : eq(orders.customer, customer),
        beforeOrderId === undefined ? undefined : lt(orders.id, beforeOrderId),
        from === undefined ? undefined : gte(orders.id, from),
      ),
    )
    .orderBy(desc(orders.id))
    .limit(limit)
    .execute();

/** The lowest key that a step searches; 0 if the step reaches the first order. */
async function keyBefore(db: AwaitedReads, before: number): Promise<number> {
  const [last] = await db
    .select({ id: orders.id })
    .from(orders)
    .where(lt(orders.id, before))
    .orderBy(desc(orders.id))
    .limit(1)
    .offset(LISTED_ORDERS_SCANNED - 1);
  return last?.id ?? 0;
}

/**
 * At most `limit` orders, newest first, in steps that each read a bounded number of rows. A single
 * query for one order in a million would block other requests while it scans.
 */
export async function* listOrders(
  db: AwaitedReads,
  filter: OrderFilter,
  limit: number,
): AsyncGenerator<readonly Order[], void> {
  // Other filters find their rows by an index: the newest of all or of a drop, a customer's, or the
  // disputed ones.
  if (filter.status === undefined || filter.customer !== undefined || filter.dispute !== undefined) {
    yield await select(db, filter, limit);
    return;
  }
  const [newest] = await db.select({ id: max(orders.id) }).from(orders);
  let before = Math.min(filter.beforeOrderId ?? Number.POSITIVE_INFINITY, (newest?.id ?? 0) + 1);
  for (let left = limit; left > 0 && before > 1; ) {
    const from = await keyBefore(db, before);
    const found = await select(db, { ...filter, beforeOrderId: before }, left, from);
    before = from;
    left -= found.length;
    yield found;
  }
}
