/**
 * Refunds: an operator starts them, an attempt begins before its provider is called, the answer
 * ends it.
 */
import type { BeginRefund, FinishRefund, RefundOrder, RetryRefund } from '../domain/command.ts';
import { type EventKind, unitsOfOrder } from '../domain/event.ts';
import type { SettleRefund } from '../domain/movement.ts';
import { endsOrder, type Order, refundRefusal } from '../domain/order.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import type { RefundRow } from './refund-statements.ts';
import type { Statements } from './statements.ts';

type Returned = Pick<RefundRow, 'id' | 'paymentId' | 'reason' | 'amount' | 'currency'>;

export function orderOfRefund({ paymentId }: Pick<Returned, 'paymentId'>, statements: Statements) {
  const orderId = statements.paymentById.get({ paymentId })?.orderId ?? null;
  return orderId === null ? undefined : statements.orderById.get({ orderId });
}

/** Logs an event of a refund, with its order if it has one; returns that order. */
export function logRefund(
  kind: EventKind,
  actor: string | null,
  refund: Omit<Returned, 'id'>,
  statements: Statements,
  journal: Journal,
  detail: Readonly<Record<string, unknown>> = {},
) {
  const payment = statements.paymentById.get({ paymentId: refund.paymentId });
  const order = orderOfRefund(refund, statements);
  journal.log({
    kind,
    actor: actor ?? `provider:${payment?.provider ?? ''}`,
    dropId: order?.dropId ?? null,
    ...(order && unitsOfOrder(order)),
    amount: refund.amount,
    currency: refund.currency,
    detail: { reason: refund.reason, ...detail },
  });
  return order;
}

/** Reserves an attempt before the provider is called, unless another caller has reserved it. */
export function beginRefund(command: BeginRefund, statements: Statements): OutcomeByCommand['beginRefund'] {
  const { refundId, attempts, amount, nextAttemptAt } = command;
  const begun = statements.beginRefund.get({ refundId, attempts, amount, nextAttemptAt });
  return { kind: begun ? 'done' : 'not_due' };
}

/** Whether the provider's id belongs to another refund of the payment, already in the books. */
function isOfAnother(refundId: number, reference: string | null, statements: Statements): boolean {
  const refund = reference === null ? undefined : statements.refundById.get({ refundId });
  if (!refund) return false;
  const refunds = statements.refundsOfPayment.all({ paymentId: refund.paymentId });
  return refunds.some((one) => one.id !== refundId && one.reference === reference);
}

export function finishRefund(
  command: FinishRefund,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['finishRefund'] {
  const { refundId, reference = null } = command;
  const isTaken = command.result === 'sent' && isOfAnother(refundId, reference, statements);
  const { result, error } = isTaken
    ? ({ result: 'failed', error: 'charge_already_refunded' } as const)
    : command;
  const isKeySpent = command.isKeySpent ? 1 : 0;
  if (result === 'retry') {
    return { kind: statements.noteRefundError.get({ refundId, error, isKeySpent }) ? 'done' : 'not_due' };
  }
  if (result === 'failed') {
    const failed = statements.failRefund.get({ refundId, error, isKeySpent });
    if (!failed) return { kind: 'not_due' };
    logRefund('refund_failed', null, failed, statements, journal, { error });
    return { kind: 'done' };
  }
  return { kind: markSent(refundId, reference, statements, journal) ? 'done' : 'not_due' };
}

/** Whether this refund ends the order: only if nothing else of the order's money is owed. */
function endsNow(refund: Returned, order: Order, statements: Statements): boolean {
  if (!endsOrder(refund.reason) || order.status !== 'refunding') return false;
  return !statements.otherOwedOfOrder.get({ orderId: order.id, refundId: refund.id });
}

/** Logs that a refund's money was returned, and ends its order if nothing else is pending. */
export function noteReturned(
  kind: 'refund_sent' | 'refund_settled',
  actor: string | null,
  refund: Returned,
  statements: Statements,
  journal: Journal,
): void {
  const order = orderOfRefund(refund, statements);
  const ends = order !== undefined && endsNow(refund, order, statements);
  logRefund(kind, actor, refund, statements, journal, { ends });
  if (ends) statements.setOrderStatus.run({ orderId: order.id, status: 'refunded' });
}

/**
 * Records that the provider accepted the refund, as `reference`. False if it was sent before, or
 * that attempt has failed since.
 */
export function markSent(
  refundId: number,
  reference: string | null,
  statements: Statements,
  journal: Journal,
): boolean {
  const sent = statements.sendRefund.get({ refundId, now: journal.now, reference });
  if (sent) noteReturned('refund_sent', null, sent, statements, journal);
  return sent !== undefined;
}

/** Records that an operator returned the money by hand. A repetition changes nothing. */
export function settleRefund(
  command: SettleRefund,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['settleRefund'] {
  const { refundId, actor, note } = command;
  const refund = statements.refundById.get({ refundId });
  if (!refund) return { kind: 'refund_not_found' };
  if (refund.status === 'settled') return { kind: 'done' };
  // A pending refund may be on its way to the provider: the customer would get the money twice.
  const settled = statements.settleRefund.get({ refundId, note, now: journal.now });
  if (!settled) return { kind: 'refund_not_settleable' };
  noteReturned('refund_settled', actor, settled, statements, journal);
  return { kind: 'done' };
}

export function retryRefund(
  command: RetryRefund,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['retryRefund'] {
  const { refundId, actor } = command;
  const refund = statements.refundById.get({ refundId });
  if (!refund) return { kind: 'refund_not_found' };
  const retried = statements.retryRefund.get({ refundId, now: journal.now });
  if (!retried) return { kind: 'refund_not_failed' };
  logRefund('refund_retried', actor, retried, statements, journal);
  return { kind: 'done' };
}

/** Refunds a paid order, and returns its units to the stock or withdraws them. */
export function refundOrder(
  command: RefundOrder,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['refundOrder'] {
  const { orderId, actor, restock } = command;
  const order = statements.orderById.get({ orderId });
  if (!order) return { kind: 'order_not_found' };
  // Released orders may become `refunding` too, but only by a late payment.
  const payment = order.status === 'paid' ? statements.keptPaymentOfOrder.get({ orderId }) : undefined;
  const refusal = refundRefusal(order, payment?.amount ?? 0);
  if (refusal || !payment) return refusal ?? { kind: 'wrong_status', status: order.status };

  const { dropId, items } = order;
  const { amount, currency } = payment;
  statements.setOrderStatus.run({ orderId, status: 'refunding' });
  for (const { itemId, quantity } of items) {
    const withdrawn = restock ? 0 : quantity;
    journal.touchStock(dropId, statements.returnUnits.get({ itemId, quantity, withdrawn }));
  }
  statements.insertRefund.run({
    paymentId: payment.id,
    reason: 'operator',
    amount,
    currency,
    createdAt: journal.now,
    keyFloor: journal.keyFloor,
  });
  journal.log({
    kind: 'refund_due',
    actor,
    dropId,
    ...unitsOfOrder(order),
    amount,
    currency,
    detail: { reason: 'operator', restocked: restock, payment: payment.id },
  });
  for (const { itemId, quantity } of restock ? [] : items) {
    journal.log({
      kind: 'restocked',
      actor,
      dropId,
      itemId,
      quantity: -quantity,
      detail: { reason: 'refund' },
    });
  }
  return { kind: 'done' };
}
