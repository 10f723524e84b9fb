/** The prepared statements of payments, refunds and checkouts. */
import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { checkouts, payments, refunds } from '../../../drizzle/schema.ts';
import type { RefundReason } from '../../domain/order.ts';
import type { SyncDatabase } from '../sync-database.ts';
import { leftOfPayment } from './movement-statements.ts';

const value = sql.placeholder;

const refundColumns = {
  id: refunds.id,
  paymentId: refunds.paymentId,
  reason: sql<RefundReason>`${refunds.reason}`,
  amount: refunds.amount,
  currency: refunds.currency,
};

/** The key of the next attempt, named by the attempts before it: a key that none of them has used. */
const nextKeyNumber = sql`${refunds.attempts}`;
const keyNumberAfterAnswer = sql`case when ${value('isKeySpent')} then ${refunds.attempts} else ${refunds.keyNumber} end`;

export const prepareMoneyStatements = (db: SyncDatabase) => ({
  paymentByEvent: db
    .select({ id: payments.id })
    .from(payments)
    .where(and(eq(payments.provider, value('provider')), eq(payments.eventId, value('eventId'))))
    .prepare(),

  paidByReference: db
    .select({ id: payments.id })
    .from(payments)
    .where(
      and(
        eq(payments.provider, value('provider')),
        eq(payments.reference, value('reference')),
        // As a literal, not as a parameter: only so may SQLite use the partial index.
        sql`${payments.status} = 'paid'`,
      ),
    )
    .prepare(),

  /** By the order, which has an index: a payment that failed is known, whichever event or look-up says so first. */
  declinedByReference: db
    .select({ id: payments.id })
    .from(payments)
    .where(
      and(
        sql`${payments.orderId} is ${value('orderId')}`,
        eq(payments.provider, value('provider')),
        eq(payments.reference, value('reference')),
        eq(payments.status, 'declined'),
      ),
    )
    .prepare(),

  insertPayment: db
    .insert(payments)
    .values({
      orderId: value('orderId'),
      provider: value('provider'),
      eventId: value('eventId'),
      reference: value('reference'),
      status: sql`${value('status')}`,
      amount: value('amount'),
      currency: value('currency'),
      createdAt: value('createdAt'),
    })
    .returning({ id: payments.id })
    .prepare(),

  /** The payment whose money an order keeps, and how much of it is left. */
  keptPaymentOfOrder: db
    .select({
      id: payments.id,
      provider: payments.provider,
      amount: leftOfPayment,
      currency: payments.currency,
    })
    .from(payments)
    .where(and(eq(payments.orderId, value('orderId')), eq(payments.status, 'paid'), gt(leftOfPayment, 0)))
    .prepare(),

  paymentById: db
    .select({ orderId: payments.orderId, provider: payments.provider })
    .from(payments)
    .where(eq(payments.id, value('paymentId')))
    .prepare(),

  insertRefund: db
    .insert(refunds)
    .values({
      paymentId: value('paymentId'),
      status: 'pending',
      reason: value('reason'),
      amount: value('amount'),
      currency: value('currency'),
      nextAttemptAt: value('createdAt'),
      createdAt: value('createdAt'),
    })
    .prepare(),

  beginRefund: db
    .update(refunds)
    .set({
      attempts: sql`${refunds.attempts} + 1`,
      nextAttemptAt: sql`${value('nextAttemptAt')}`,
    })
    .where(
      and(
        eq(refunds.id, value('refundId')),
        eq(refunds.status, 'pending'),
        eq(refunds.attempts, value('attempts')),
      ),
    )
    .returning({ id: refunds.id })
    .prepare(),

  // Also where it was given up meanwhile: money that went back went back.
  sendRefund: db
    .update(refunds)
    .set({
      status: 'sent',
      sentAt: sql`${value('now')}`,
      lastError: null,
      keyNumber: nextKeyNumber,
      reference: sql`coalesce(${value('reference')}, ${refunds.reference})`,
    })
    .where(
      and(
        eq(refunds.id, value('refundId')),
        // But not the very attempt that its provider has said to have failed.
        sql`(${refunds.status} = 'pending'
          or ${refunds.status} = 'failed' and (${refunds.reference} is null or ${refunds.reference} is not ${value('reference')}))`,
      ),
    )
    .returning(refundColumns)
    .prepare(),

  noteRefundError: db
    .update(refunds)
    .set({ lastError: sql`${value('error')}`, keyNumber: keyNumberAfterAnswer })
    .where(and(eq(refunds.id, value('refundId')), eq(refunds.status, 'pending')))
    .returning({ id: refunds.id })
    .prepare(),

  failRefund: db
    .update(refunds)
    .set({ status: 'failed', lastError: sql`${value('error')}`, keyNumber: keyNumberAfterAnswer })
    .where(and(eq(refunds.id, value('refundId')), eq(refunds.status, 'pending')))
    .returning(refundColumns)
    .prepare(),

  retryRefund: db
    .update(refunds)
    .set({
      status: 'pending',
      attempts: sql`${value('attempts')}`,
      keyNumber: sql`${value('keyNumber')}`,
      nextAttemptAt: sql`${value('now')}`,
    })
    .where(and(eq(refunds.id, value('refundId')), eq(refunds.status, 'failed')))
    .returning(refundColumns)
    .prepare(),

  refundById: db
    .select({
      attempts: refunds.attempts,
      keyNumber: refunds.keyNumber,
      status: refunds.status,
      paymentId: refunds.paymentId,
    })
    .from(refunds)
    .where(eq(refunds.id, value('refundId')))
    .prepare(),

  insertCheckout: db
    .insert(checkouts)
    .values({
      orderId: value('orderId'),
      provider: value('provider'),
      reference: value('reference'),
      url: value('url'),
      expiresAt: value('expiresAt'),
      createdAt: value('createdAt'),
    })
    .onConflictDoNothing({ target: [checkouts.provider, checkouts.reference] })
    .prepare(),

  closeCheckout: db
    .update(checkouts)
    .set({ closedAt: sql`${value('now')}` })
    .where(and(eq(checkouts.id, value('checkoutId')), isNull(checkouts.closedAt)))
    .prepare(),

  closeCheckoutByReference: db
    .update(checkouts)
    .set({ closedAt: sql`${value('now')}` })
    .where(
      and(
        eq(checkouts.provider, value('provider')),
        eq(checkouts.reference, value('reference')),
        isNull(checkouts.closedAt),
      ),
    )
    .prepare(),

  /** A checkout that was paid through has nothing more to tell. */
  closeCheckoutsOfOrder: db
    .update(checkouts)
    .set({ closedAt: sql`${value('now')}` })
    .where(
      and(
        eq(checkouts.orderId, value('orderId')),
        eq(checkouts.provider, value('provider')),
        isNull(checkouts.closedAt),
      ),
    )
    .prepare(),
});
