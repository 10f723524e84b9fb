/** The reads of pending refunds and open checkouts, for background jobs and operators. */
import { and, asc, count, desc, eq, gt, lt, lte, sql } from 'drizzle-orm';
import { checkouts, disputes, orders, payments, refunds } from '../../drizzle/schema.ts';
import type { OrderStatus, Refund } from '../domain/order.ts';
import { preparedOnce, type ReadDatabase } from './read-database.ts';
import { refundColumns } from './refund-columns.ts';

/** A refund whose next attempt at the provider is due. */
export interface DueRefund {
  id: number;
  attempts: number;
  /** The number of attempts before the present series. */
  seriesStart: number;
  /** The number of attempts before the first one with the next attempt's idempotency key. */
  keyNumber: number;
  /** Shard id in that key; null for this shard. */
  keyShardId: number | null;
  provider: string;
  /** The provider's id of the payment. */
  reference: string;
  amount: number;
  currency: string;
}

/** A refund as the operator sees it. */
export interface RefundOfOrder extends Refund {
  provider: string;
  /** Null if the payment belongs to no known order. */
  orderId: number | null;
  dropId: number | null;
  /** Attempts of the present series: an operator's retry begins another one. */
  attempts: number;
}

export interface OpenCheckout {
  id: number;
  orderId: number;
  orderStatus: OrderStatus;
  provider: string;
  reference: string;
  url: string;
  expiresAt: number;
}

export interface MoneyReads {
  /** Refunds whose next attempt may begin, the longest due first. */
  dueRefunds(now: number, limit: number): DueRefund[];
  /** When the next attempt of a refund may begin; null if none is pending. */
  nextRefundAt(): number | null;
  /** Newest first, starting before `beforeId`. */
  refunds(status: Refund['status'], beforeId: number, limit: number): RefundOfOrder[];
  /** Checkouts that may still be paid, oldest first, starting after `afterId`. */
  openCheckouts(afterId: number, limit: number): OpenCheckout[];
  openCheckoutsOfOrder(orderId: number): OpenCheckout[];
  /** The provider's ids of open disputes, the oldest first. */
  openDisputes(provider: string, limit: number): string[];
  /** The order for which the provider opened this checkout; null if the checkout is unknown. */
  orderOfCheckout(provider: string, reference: string): number | null;
  /** How many checkouts this provider has opened for the order, including those that have ended. */
  checkoutsOpened(orderId: number, provider: string): number;
}

const value = sql.placeholder;

const refundReads = (db: ReadDatabase): Pick<MoneyReads, 'dueRefunds' | 'nextRefundAt' | 'refunds'> => {
  const dueRefunds = db
    .select({
      id: refunds.id,
      attempts: refunds.attempts,
      seriesStart: refunds.seriesStart,
      keyNumber: refunds.keyNumber,
      keyShardId: refunds.keyShardId,
      provider: payments.provider,
      reference: payments.reference,
      amount: refunds.amount,
      currency: refunds.currency,
    })
    .from(refunds)
    .innerJoin(payments, eq(payments.id, refunds.paymentId))
    // A literal status: otherwise SQLite may not use the partial index.
    .where(and(sql`${refunds.status} = 'pending'`, lte(refunds.nextAttemptAt, value('now'))))
    .orderBy(asc(refunds.nextAttemptAt))
    .limit(value('limit'))
    .prepare();
  const nextRefund = db
    .select({ nextAttemptAt: refunds.nextAttemptAt })
    .from(refunds)
    .where(sql`${refunds.status} = 'pending'`)
    .orderBy(asc(refunds.nextAttemptAt))
    .limit(1)
    .prepare();
  const refundsByStatus = db
    .select({
      ...refundColumns,
      attempts: sql<number>`${refunds.attempts} - ${refunds.seriesStart}`,
      lastError: refunds.lastError,
      note: refunds.note,
      provider: payments.provider,
      orderId: payments.orderId,
      dropId: orders.dropId,
    })
    .from(refunds)
    .innerJoin(payments, eq(payments.id, refunds.paymentId))
    .leftJoin(orders, eq(orders.id, payments.orderId))
    .where(and(sql`${refunds.status} = ${value('status')}`, lt(refunds.id, value('beforeId'))))
    .orderBy(desc(refunds.id))
    .limit(value('limit'))
    .prepare();
  return {
    dueRefunds: (now, limit) => dueRefunds.all({ now, limit }),
    nextRefundAt: () => nextRefund.get()?.nextAttemptAt ?? null,
    refunds: (status, beforeId, limit) => refundsByStatus.all({ status, beforeId, limit }),
  };
};

type CheckoutReads = Pick<
  MoneyReads,
  'openCheckouts' | 'openCheckoutsOfOrder' | 'orderOfCheckout' | 'checkoutsOpened'
>;

const checkoutReads = (db: ReadDatabase): CheckoutReads => {
  const openCheckout = () =>
    db
      .select({
        id: checkouts.id,
        orderId: checkouts.orderId,
        orderStatus: orders.status,
        provider: checkouts.provider,
        reference: checkouts.reference,
        url: checkouts.url,
        expiresAt: checkouts.expiresAt,
      })
      .from(checkouts)
      .innerJoin(orders, eq(orders.id, checkouts.orderId));
  const isOpen = sql`${checkouts.closedAt} is null`;
  const openCheckouts = openCheckout()
    .where(and(isOpen, gt(checkouts.id, value('afterId'))))
    .orderBy(asc(checkouts.id))
    .limit(value('limit'))
    .prepare();
  const openCheckoutsOfOrder = openCheckout()
    .where(and(isOpen, eq(checkouts.orderId, value('orderId'))))
    .orderBy(asc(checkouts.id))
    .prepare();
  const orderOfCheckout = db
    .select({ orderId: checkouts.orderId })
    .from(checkouts)
    .where(and(eq(checkouts.provider, value('provider')), eq(checkouts.reference, value('reference'))))
    .prepare();
  const checkoutsOpened = db
    .select({ count: count() })
    .from(checkouts)
    .where(and(eq(checkouts.orderId, value('orderId')), eq(checkouts.provider, value('provider'))))
    .prepare();
  return {
    openCheckouts: (afterId, limit) => openCheckouts.all({ afterId, limit }),
    openCheckoutsOfOrder: (orderId) => openCheckoutsOfOrder.all({ orderId }),
    orderOfCheckout: (provider, reference) => orderOfCheckout.get({ provider, reference })?.orderId ?? null,
    checkoutsOpened: (orderId, provider) => checkoutsOpened.get({ orderId, provider })?.count ?? 0,
  };
};

const disputeReads = (db: ReadDatabase): Pick<MoneyReads, 'openDisputes'> => {
  const openDisputes = db
    .select({ reference: disputes.reference })
    .from(disputes)
    // A literal status: otherwise SQLite may not use the partial index.
    .where(and(sql`${disputes.status} = 'open'`, eq(disputes.provider, value('provider'))))
    .orderBy(asc(disputes.id))
    .limit(value('limit'))
    .prepare();
  return {
    openDisputes: (provider, limit) => openDisputes.all({ provider, limit }).map((one) => one.reference),
  };
};

export const moneyReads = preparedOnce(
  (db): MoneyReads => ({ ...refundReads(db), ...checkoutReads(db), ...disputeReads(db) }),
);
