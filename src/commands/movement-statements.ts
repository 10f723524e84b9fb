/** The prepared statements of disputes, and of reports that came before their payment. */
import { and, eq, sql } from 'drizzle-orm';
import { disputes, earlyMovements, orders, payments } from '../../drizzle/schema.ts';
import type { SyncDatabase } from '../database/sync-database.ts';

const value = sql.placeholder;

export const prepareMovementStatements = (db: SyncDatabase) => ({
  disputeByReference: db
    .select({
      id: disputes.id,
      status: disputes.status,
      reason: disputes.reason,
      amount: disputes.amount,
      currency: disputes.currency,
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

  setDispute: db
    .update(disputes)
    .set({ status: sql`${value('status')}`, closedAt: sql`${value('closedAt')}` })
    .where(eq(disputes.id, value('disputeId')))
    .prepare(),

  /** Disputes of money that went back because it bought nothing do not affect the order. */
  disputesOfOrder: db
    .select({ status: disputes.status })
    .from(payments)
    .innerJoin(disputes, eq(disputes.paymentId, payments.id))
    .where(
      and(
        eq(payments.orderId, value('orderId')),
        sql`not exists (select 1 from "refunds" where "payment_id" = ${payments.id} and "reason" in ('paid_twice', 'wrong_amount'))`,
      ),
    )
    .prepare(),

  setOrderDispute: db
    .update(orders)
    .set({ dispute: sql`${value('dispute')}` })
    .where(eq(orders.id, value('orderId')))
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

  deleteEarlyMovement: db
    .delete(earlyMovements)
    .where(eq(earlyMovements.id, value('id')))
    .prepare(),
});
