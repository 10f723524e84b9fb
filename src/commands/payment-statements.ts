/** The prepared statements of payments. */
import { and, eq, gt, sql } from 'drizzle-orm';
import { payments } from '../../drizzle/schema.ts';
import { leftOfPayment, unrefunded } from '../database/refund-columns.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import { value } from './placeholder.ts';

export const preparePaymentStatements = (db: SyncDatabase) => ({
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
        // A literal, not a parameter: otherwise SQLite may not use the partial index.
        sql`${payments.status} = 'paid'`,
      ),
    )
    .prepare(),

  /** By the order, which has an index. A failed payment is known by its first report. */
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

  /** The payment of an order, and what is left of it: 0 if a dispute took it. */
  keptPaymentOfOrder: db
    .select({
      id: payments.id,
      provider: payments.provider,
      amount: leftOfPayment,
      currency: payments.currency,
    })
    .from(payments)
    .where(and(eq(payments.orderId, value('orderId')), eq(payments.status, 'paid'), gt(unrefunded, 0)))
    .prepare(),

  paymentById: db
    .select({ orderId: payments.orderId, provider: payments.provider, currency: payments.currency })
    .from(payments)
    .where(eq(payments.id, value('paymentId')))
    .prepare(),
});
