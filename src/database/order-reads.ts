/** The reads of orders and their money, prepared once on a reader. */
import { and, asc, desc, eq, gt, sql } from 'drizzle-orm';
import { orders, payments, refunds } from '../../drizzle/schema.ts';
import type { Order, Payment, Refund } from '../domain/order.ts';
import type { KnownOrder } from '../domain/replay.ts';
import { hasPlainKey, type KeyOfCustomer, orderColumns, prepareOrderByKey } from './order-columns.ts';
import { preparedOnce, type ReadDatabase } from './read-database.ts';
import { leftOfPayment, refundColumns } from './refund-columns.ts';

/** An order with its payments, refunds and disputes, oldest first. */
export interface OrderWithMoney {
  order: Order;
  payments: Payment[];
  refunds: Refund[];
}

export interface OrderReads {
  order(orderId: number): OrderWithMoney | undefined;
  /** Minor units left of the payment that an order keeps, after refunds and lost disputes; or 0. */
  leftOfOrder(orderId: number): number;
  /** The order that a customer placed under a key. */
  orderByKey(key: KeyOfCustomer): KnownOrder | undefined;
  newestOfCustomer(customer: string, limit: number): Order[];
  /** The keys of a customer that rows of earlier versions store as they were sent. */
  plainKeys(customer: string): string[];
  /** When the next hold expires, of all drops or of one; null if nothing is held. */
  nextHoldExpiresAt(dropId?: number): number | null;
}

const oldestFirst = (one: { id: number }, other: { id: number }): number => one.id - other.id;

const value = sql.placeholder;

const readsWithMoney = (db: ReadDatabase): Pick<OrderReads, 'order' | 'leftOfOrder'> => {
  const orderById = db
    .select(orderColumns)
    .from(orders)
    .where(eq(orders.id, value('orderId')))
    .prepare();
  const paymentsOfOrder = db
    .select({
      id: payments.id,
      provider: payments.provider,
      status: payments.status,
      amount: payments.amount,
      currency: payments.currency,
      createdAt: payments.createdAt,
    })
    .from(payments)
    .where(eq(payments.orderId, value('orderId')))
    .prepare();
  const refundsOfOrder = db
    .select({
      ...refundColumns,
      lastError: refunds.lastError,
      note: refunds.note,
    })
    .from(refunds)
    .innerJoin(payments, eq(payments.id, refunds.paymentId))
    .where(eq(payments.orderId, value('orderId')))
    .prepare();
  const leftOfOrder = db
    .select({ left: leftOfPayment })
    .from(payments)
    .where(and(eq(payments.orderId, value('orderId')), eq(payments.status, 'paid'), gt(leftOfPayment, 0)))
    .prepare();
  return {
    order(orderId) {
      const order = orderById.get({ orderId });
      if (!order) return undefined;
      // Sorted here, and without a needless join: with ORDER BY or a join SQLite plans the
      // statement again at every call.
      const paid = paymentsOfOrder.all({ orderId }).sort(oldestFirst);
      const returned = paid.length === 0 ? [] : refundsOfOrder.all({ orderId }).sort(oldestFirst);
      return { order, payments: paid, refunds: returned };
    },
    leftOfOrder: (orderId) => leftOfOrder.get({ orderId })?.left ?? 0,
  };
};

type CustomerReads = Pick<OrderReads, 'orderByKey' | 'newestOfCustomer' | 'plainKeys'>;

const customerReads = (db: ReadDatabase): CustomerReads => {
  const orderByKey = prepareOrderByKey(db);
  const plainKeys = db
    .select({ key: orders.idempotencyKey })
    .from(orders)
    .where(and(eq(orders.customer, value('customer')), hasPlainKey))
    .prepare();
  const newestOfCustomer = db
    .select(orderColumns)
    .from(orders)
    .where(eq(orders.customer, value('customer')))
    .orderBy(desc(orders.id))
    .limit(value('limit'))
    .prepare();
  return {
    orderByKey: ({ customer, idempotencyKey, plainKey }) =>
      orderByKey.get({ customer, idempotencyKey, plainKey }),
    newestOfCustomer: (customer, limit) => newestOfCustomer.all({ customer, limit }),
    plainKeys: (customer) => plainKeys.all({ customer }).flatMap(({ key }) => key ?? []),
  };
};

const holdReads = (db: ReadDatabase): Pick<OrderReads, 'nextHoldExpiresAt'> => {
  const nextDue = db
    .select({ holdExpiresAt: orders.holdExpiresAt })
    .from(orders)
    // A literal status: otherwise SQLite may not use the partial index.
    .where(sql`${orders.status} = 'held'`)
    .orderBy(asc(orders.holdExpiresAt))
    .limit(1)
    .prepare();
  // The unary plus keeps SQLite from using the index by drop, which has every order of the crowd,
  // and from planning again at every call: it stops at the first hold of the drop. Every purchase
  // and payment would write an index by drop and time.
  const nextDueOfDrop = db
    .select({ holdExpiresAt: orders.holdExpiresAt })
    .from(orders)
    .where(sql`${orders.status} = 'held' and +${orders.dropId} = ${value('dropId')}`)
    .orderBy(asc(orders.holdExpiresAt))
    .limit(1)
    .prepare();
  return {
    nextHoldExpiresAt: (dropId) =>
      (dropId === undefined ? nextDue.get() : nextDueOfDrop.get({ dropId }))?.holdExpiresAt ?? null,
  };
};

export const orderReads = preparedOnce(
  (db): OrderReads => ({ ...readsWithMoney(db), ...customerReads(db), ...holdReads(db) }),
);
