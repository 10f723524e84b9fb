/** Keeps what is owed of a payment within what is left of it, after money went back another way. */
import type { Journal } from './journal.ts';
import { logRefund, noteReturned } from './refund.ts';
import type { RefundRow } from './refund-statements.ts';
import type { Statements } from './statements.ts';

export const isOwedRefund = ({ status }: Pick<RefundRow, 'status'>): boolean =>
  status === 'pending' || status === 'failed';

/**
 * Takes from the owed refunds what exceeds the payment: refunds made in the provider's dashboard,
 * and lost disputes, have returned it. A refund of which nothing is left is settled.
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
