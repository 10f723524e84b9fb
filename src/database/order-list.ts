/** The operator's list of orders: filtered, newest first, a page at a time. */
import { and, desc, eq, lt } from 'drizzle-orm';
import { orders } from '../../drizzle/schema.ts';
import type { Order, OrderStatus } from '../domain/order.ts';
import { orderColumns } from './apply/statements.ts';
import type { SyncDatabase } from './sync-database.ts';

export interface OrderFilter {
  dropId?: number | undefined;
  status?: OrderStatus | undefined;
  /** Keyed hash of the e-mail. */
  customer?: string | undefined;
  /** Only orders placed before this one. */
  beforeOrderId?: number | undefined;
}

export interface OrderListReads {
  /** At most `limit` orders, newest first. */
  orders(filter: OrderFilter, limit: number): Order[];
}

export const createOrderListReads = (db: SyncDatabase): OrderListReads => ({
  orders({ dropId, status, customer, beforeOrderId }, limit) {
    return db
      .select(orderColumns)
      .from(orders)
      .where(
        and(
          dropId === undefined ? undefined : eq(orders.dropId, dropId),
          status === undefined ? undefined : eq(orders.status, status),
          customer === undefined ? undefined : eq(orders.customer, customer),
          beforeOrderId === undefined ? undefined : lt(orders.id, beforeOrderId),
        ),
      )
      .orderBy(desc(orders.id))
      .limit(limit)
      .all();
  },
});
