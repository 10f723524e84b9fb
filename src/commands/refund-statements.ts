/** The prepared statements of refunds, and of what they leave of their payment. */
import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { payments, refunds } from '../../drizzle/schema.ts';
import { leftOfPayment, refundColumns, unrefunded } from '../database/refund-columns.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import { endingReasons } from '../domain/order.ts';
import { type KeySteps, newKey } from './new-keys.ts';
import { value } from './placeholder.ts';

const columnsWithReferences = {
  ...refundColumns,
  reference: refunds.reference,
  failedReferences: refunds.failedReferences,
  keyShardId: refunds.keyShardId,
};
export type RefundRow = ReturnType<
  ReturnType<typeof prepareRefundStatements>['refundsOfPayment']['all']
>[number];

/** The next attempt's key, named by the attempts before it: none of them has used it. */
const nextKeyNumber = sql`${refunds.attempts}`;
const keyNumberAfterAnswer = sql`case when ${value('isKeySpent')} then ${refunds.attempts} else ${refunds.keyNumber} end`;
const isOwed = inArray(refunds.status, ['pending', 'failed']);
const withFailed = sql`json_insert(${refunds.failedReferences}, '$[#]', ${value('reference')})`;

export const prepareRefundStatements = (db: SyncDatabase, keys: KeySteps) => ({
  refundById: db
    .select({
      status: refunds.status,
      paymentId: refunds.paymentId,
      keyShardId: refunds.keyShardId,
    })
    .from(refunds)
    .where(eq(refunds.id, value('refundId')))
    .prepare(),

  refundsOfPayment: db
    .select(columnsWithReferences)
    .from(refunds)
    .where(eq(refunds.paymentId, value('paymentId')))
    .prepare(),

  leftOfPayment: db
    .select({ left: leftOfPayment, unrefunded })
    .from(payments)
    .where(eq(payments.id, value('paymentId')))
    .prepare(),

  /** Another refund that must be sent before the order is refunded. */
  otherOwedOfOrder: db
    .select({ id: refunds.id })
    .from(payments)
    .innerJoin(refunds, eq(refunds.paymentId, payments.id))
    .where(
      and(
        eq(payments.orderId, value('orderId')),
        isOwed,
        inArray(refunds.reason, [...endingReasons]),
        ne(refunds.id, value('refundId')),
      ),
    )
    .prepare(),

  insertRefund: db
    .insert(refunds)
    .values({
      id: newKey(refunds, keys),
      paymentId: value('paymentId'),
      status: 'pending',
      reason: value('reason'),
      amount: value('amount'),
      currency: value('currency'),
      nextAttemptAt: value('createdAt'),
      createdAt: value('createdAt'),
    })
    .prepare(),
});

/** For an attempt to send a refund, and its answer. */
export const prepareAttemptStatements = (db: SyncDatabase) => ({
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
        eq(refunds.amount, value('amount')),
      ),
    )
    .returning({ id: refunds.id })
    .prepare(),

  // Also a refund that was given up meanwhile: the money did go back.
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
        isOwed,
        // Except an attempt that its provider reported as failed.
        sql`not exists (select 1 from json_each(${refunds.failedReferences}) where value = ${value('reference')})`,
      ),
    )
    .returning(columnsWithReferences)
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
    .returning(columnsWithReferences)
    .prepare(),
});

/** For what a provider reports later. */
export const prepareReportedRefundStatements = (db: SyncDatabase, keys: KeySteps) => ({
  insertOutsideRefund: db
    .insert(refunds)
    .values({
      id: newKey(refunds, keys),
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

  /** A refund that the provider had accepted and then could not make. */
  failSentRefund: db
    .update(refunds)
    .set({
      status: 'failed',
      sentAt: null,
      lastError: sql`${value('error')}`,
      reference: null,
      failedReferences: withFailed,
      // The key is spent: with it the provider would replay its acceptance.
      keyNumber: sql`${refunds.attempts}`,
    })
    .where(and(eq(refunds.id, value('refundId')), inArray(refunds.status, ['pending', 'sent'])))
    .returning({ id: refunds.id })
    .prepare(),

  /** Stores the report of an attempt that had already failed, or never counted. */
  rememberFailed: db
    .update(refunds)
    .set({ failedReferences: withFailed })
    .where(eq(refunds.id, value('refundId')))
    .prepare(),

  setRefundReference: db
    .update(refunds)
    .set({ reference: sql`${value('reference')}` })
    .where(eq(refunds.id, value('refundId')))
    .prepare(),
});

/** For refunds that are still owed: covered by other money, or decided by an operator. */
export const prepareOwedRefundStatements = (db: SyncDatabase) => ({
  /** Reduces what is owed. The key is spent: with it the provider would expect the old amount. */
  reduceRefund: db
    .update(refunds)
    .set({ amount: sql`${value('amount')}`, keyNumber: nextKeyNumber })
    .where(eq(refunds.id, value('refundId')))
    .prepare(),

  /** Settles a refund of which nothing is owed any more: all of it went back another way. */
  coverRefund: db
    .update(refunds)
    .set({ status: 'settled', sentAt: sql`${value('now')}` })
    .where(eq(refunds.id, value('refundId')))
    .prepare(),

  retryRefund: db
    .update(refunds)
    .set({
      status: 'pending',
      seriesStart: sql`${refunds.attempts}`,
      nextAttemptAt: sql`${value('now')}`,
    })
    .where(and(eq(refunds.id, value('refundId')), eq(refunds.status, 'failed')))
    .returning(columnsWithReferences)
    .prepare(),

  settleRefund: db
    .update(refunds)
    .set({ status: 'settled', sentAt: sql`${value('now')}`, note: sql`${value('note')}` })
    .where(and(eq(refunds.id, value('refundId')), eq(refunds.status, 'failed')))
    .returning(columnsWithReferences)
    .prepare(),
});
