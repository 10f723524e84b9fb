/** The reads of what moves money beside requests: refunds on their way, and checkouts that are open. */
import { and, asc, count, desc, eq, gt, lt, lte, sql } from 'drizzle-orm';
import { checkouts, disputes, orders, payments, refunds } from '../../drizzle/schema.ts';
import type { OrderStatus, Refund } from '../domain/order.ts';
import { preparedOnce } from './read-database.ts';
import { refundColumns } from './refund-columns.ts';

/** A refund that a provider is to be asked for. */
export interface DueRefund {
  id: number;
  attempts: number;
  /** The attempts before the present series. */
  seriesStart: number;
  /** Attempts before the first that used the idempotency key of the next one. */
  keyNumber: number;
  /** Place in that key; null: this one. */
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
  /** Null where the money came for no order of ours. */
  orderId: number | null;
  dropId: number | null;
  /** Of the present series: an operator's retry begins another one. */
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
  /** When the next attempt of a refund may begin; null where none is pending. */
  nextRefundAt(): number | null;
  /** Newest first, from before `beforeId` on. */
  refunds(status: Refund['status'], beforeId: number, limit: number): RefundOfOrder[];
  /** Checkouts that may still bring money, oldest first, from after `afterId` on. */
  openCheckouts(afterId: number, limit: number): OpenCheckout[];
  openCheckoutsOfOrder(orderId: number): OpenCheckout[];
  /** The provider's ids of disputes that are open, the oldest first. */
  openDisputes(provider: string, limit: number): string[];
  /** The order that the provider has opened this checkout for; null where it is none of ours. */
  orderOfCheckout(provider: string, reference: string): number | null;
  /** How many checkouts this provider has opened for the order, those that have ended among them. */
  checkoutsOpened(orderId: number, provider: string): number;
}

export const moneyReads = preparedOnce((db): MoneyReads => {
  const value = sql.placeholder;
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
    // The status as a literal: only so may SQLite use the partial index.
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

  const openDisputes = db
    .select({ reference: disputes.reference })
    .from(disputes)
    // The status as a literal: only so may SQLite use the partial index.
    .where(and(sql`${disputes.status} = 'open'`, eq(disputes.provider, value('provider'))))
    .orderBy(asc(disputes.id))
    .limit(value('limit'))
    .prepare();

  return {
    openDisputes: (provider, limit) => openDisputes.all({ provider, limit }).map((one) => one.reference),
    dueRefunds: (now, limit) => dueRefunds.all({ now, limit }),
    nextRefundAt: () => nextRefund.get()?.nextAttemptAt ?? null,
    refunds: (status, beforeId, limit) => refundsByStatus.all({ status, beforeId, limit }),
    openCheckouts: (afterId, limit) => openCheckouts.all({ afterId, limit }),
    openCheckoutsOfOrder: (orderId) => openCheckoutsOfOrder.all({ orderId }),
    orderOfCheckout: (provider, reference) => orderOfCheckout.get({ provider, reference })?.orderId ?? null,
    checkoutsOpened: (orderId, provider) => checkoutsOpened.get({ orderId, provider })?.count ?? 0,
  };
});
