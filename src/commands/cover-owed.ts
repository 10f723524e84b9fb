/** Limits owed refunds to what is left of their payment, after money was returned another way. */
import type { Journal } from './journal.ts';
import { logRefund, noteReturned } from './refund.ts';
import type { RefundRow } from './refund-statements.ts';
import type { Statements } from './statements.ts';

export const isOwedRefund = ({ status }: Pick<RefundRow, 'status'>): boolean =>
  status === 'pending' || status === 'failed';

/**
 * Reduces owed refunds by the amount that refunds in the provider's dashboard and lost disputes
 * have already returned. Settles a refund of which nothing is left.
 */
export function coverOwed(paymentId: number, statements: Statements, journal: Journal): void {
  for (const owed of statements.refundsOfPayment.all({ paymentId }).filter(isOwedRefund)) {
    const excess = -(statements.leftOfPayment.get({ paymentId })?.left ?? 0);
    if (excess <= 0) return;
    const { id: refundId, createdAt: dueAt } = owed;
    const reduced = { ...owed, amount: Math.max(0, owed.amount - excess) };
    statements.reduceRefund.run({ refundId, amount: reduced.amount });
    const detail = { dueAt, before: owed.amount };
    logRefund('refund_reduced', null, reduced, statements, journal, detail);
    if (reduced.amount > 0) continue;
    statements.coverRefund.run({ refundId, now: journal.now });
    noteReturned('refund_settled', null, reduced, statements, journal);
  }
}
