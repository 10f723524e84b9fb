/** The columns of a refund, and what refunds and disputes leave of a payment. */
import { sql } from 'drizzle-orm';
import { refunds } from '../../drizzle/schema.ts';
import type { RefundReason } from '../domain/order.ts';

/** What every reader of a refund needs. */
export const refundColumns = {
  id: refunds.id,
  paymentId: refunds.paymentId,
  status: refunds.status,
  reason: sql<RefundReason>`${refunds.reason}`,
  amount: refunds.amount,
  currency: refunds.currency,
  createdAt: refunds.createdAt,
  sentAt: refunds.sentAt,
};

/**
 * What refunds, sent or owed, leave of a payment. Written as text: in a query of one table Drizzle
 * leaves the table's name out.
 */
export const unrefunded = sql<number>`"payments"."amount" - (
  select coalesce(sum("amount"), 0) from "refunds" where "payment_id" = "payments"."id")`;
/** What lost disputes leave of that; negative if more is gone than was paid. */
export const leftOfPayment = sql<number>`${unrefunded} - (
  select coalesce(sum("amount"), 0) from "disputes" where "payment_id" = "payments"."id"
    and "status" = 'lost' and "currency" = "payments"."currency")`;
