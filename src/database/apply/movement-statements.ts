/** The prepared statements of disputes, and of refunds made or undone outside. */
import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { disputes, earlyMovements, orders, payments, refunds } from '../../../drizzle/schema.ts';
import { endingReasons, type RefundReason } from '../../domain/order.ts';
import type { SyncDatabase } from '../sync-database.ts';

const value = sql.placeholder;

const refundColumns = {
  id: refunds.id,
  paymentId: refunds.paymentId,
  status: refunds.status,
  reason: sql<RefundReason>`${refunds.reason}`,
  amount: refunds.amount,
  currency: refunds.currency,
  reference: refunds.reference,
  sentAt: refunds.sentAt,
};

/** What refunds, sent or owed, leave of a payment. As text: Drizzle leaves the table out where a query has only one. */
export const leftOfPayment = sql<number>`"payments"."amount" - (
  select coalesce(sum("amount"), 0) from "refunds" where "payment_id" = "payments"."id")`;

export const prepareMovementStatements = (db: SyncDatabase) => ({
  disputeByReference: db
    .select({
      id: disputes.id,
      status: disputes.status,
      reason: disputes.reason,
      openedAt: disputes.openedAt,
      closedAt: disputes.closedAt,
    })
    .from(disputes)
    .where(and(eq(disputes.provider, value('provider')), eq(disputes.reference, value('reference'))))
    .prepare(),

  insertDispute: db
    .insert(disputes)
    .values({
      paymentId: value('paymentId'),
      provider: value('provider'),
      reference: value('reference'),
      status: 'open',
      reason: value('reason'),
      amount: value('amount'),
      currency: value('currency'),
      openedAt: value('openedAt'),
    })
    .returning({ id: disputes.id })
    .prepare(),

  closeDispute: db
    .update(disputes)
    .set({ status: sql`${value('status')}`, closedAt: sql`${value('closedAt')}` })
    .where(eq(disputes.id, value('disputeId')))
    .prepare(),

  disputesOfOrder: db
    .select({ status: disputes.status })
    .from(payments)
    .innerJoin(disputes, eq(disputes.paymentId, payments.id))
    .where(eq(payments.orderId, value('orderId')))
    .prepare(),

  setOrderDispute: db
    .update(orders)
    .set({ dispute: sql`${value('dispute')}` })
    .where(eq(orders.id, value('orderId')))
    .prepare(),

  refundsOfPayment: db
    .select(refundColumns)
    .from(refunds)
    .where(eq(refunds.paymentId, value('paymentId')))
    .prepare(),

  leftOfPayment: db
    .select({ left: leftOfPayment })
    .from(payments)
    .where(eq(payments.id, value('paymentId')))
    .prepare(),

  setRefundReference: db
    .update(refunds)
    .set({ reference: sql`${value('reference')}` })
    .where(eq(refunds.id, value('refundId')))
    .prepare(),

  insertOutsideRefund: db
    .insert(refunds)
    .values({
      paymentId: value('paymentId'),
      reference: value('reference'),
      status: 'sent',
      reason: 'outside',
      amount: value('amount'),
      currency: value('currency'),
      nextAttemptAt: value('now'),
      createdAt: value('now'),
      sentAt: value('now'),
    })
    .returning({ id: refunds.id })
    .prepare(),

  /** A refund that the provider had accepted, and then could not make. */
  failSentRefund: db
    .update(refunds)
    .set({
      ...{ status: 'failed', sentAt: null, lastError: sql`${value('error')}` },
      // The key is spent: with it the provider would replay that it accepted the refund.
      keyNumber: sql`${refunds.attempts}`,
    })
    .where(and(eq(refunds.id, value('refundId')), inArray(refunds.status, ['pending', 'sent'])))
    .returning({ id: refunds.id })
    .prepare(),

  settleRefund: db
    .update(refunds)
    .set({ status: 'settled', sentAt: sql`${value('now')}`, note: sql`${value('note')}` })
    .where(and(eq(refunds.id, value('refundId')), eq(refunds.status, 'failed')))
    .returning(refundColumns)
    .prepare(),

  /** Another refund that must be sent before the order is refunded. */
  otherOwedOfOrder: db
    .select({ id: refunds.id })
    .from(payments)
    .innerJoin(refunds, eq(refunds.paymentId, payments.id))
    .where(
      and(
        eq(payments.orderId, value('orderId')),
        inArray(refunds.status, ['pending', 'failed']),
        inArray(refunds.reason, [...endingReasons]),
        ne(refunds.id, value('refundId')),
      ),
    )
    .prepare(),

  keepEarlyMovement: db
    .insert(earlyMovements)
    .values({
      provider: value('provider'),
      paymentReference: value('paymentReference'),
      report: value('report'),
      createdAt: value('now'),
    })
    .onConflictDoNothing()
    .prepare(),

  earlyMovementsOf: db
    .select({ id: earlyMovements.id, report: earlyMovements.report })
    .from(earlyMovements)
    .where(
      and(
        eq(earlyMovements.provider, value('provider')),
        eq(earlyMovements.paymentReference, value('paymentReference')),
      ),
    )
    .prepare(),

  forgetEarlyMovement: db
    .delete(earlyMovements)
    .where(eq(earlyMovements.id, value('id')))
    .prepare(),
});
