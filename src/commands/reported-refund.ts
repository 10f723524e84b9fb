/** Records what a provider reports of a refund, made here or in the dashboard, sent or failed. */
import { unitsOfOrder } from '../domain/event.ts';
import type { Movement } from '../domain/movement.ts';
import { endsOrder } from '../domain/order.ts';
import { coverOwed, isOwedRefund } from './cover-owed.ts';
import type { Journal } from './journal.ts';
import type { KnownPayment } from './movement.ts';
import { logRefund, markSent, orderOfRefund } from './refund.ts';
import type { RefundRow } from './refund-statements.ts';
import type { Statements } from './statements.ts';

type RefundMovement = Extract<Movement, { kind: 'refund' }>;
type Effect = 'refund' | 'known' | 'mismatched';

/** Inserts a row for a refund made outside, and ends the order if nothing is left of its money. */
function recordOutside(
  { reference, amount, currency }: RefundMovement,
  { provider, paymentId, orderId }: KnownPayment,
  statements: Statements,
  journal: Journal,
): number {
  const { now, keyFloor } = journal;
  const order = orderId === null ? undefined : statements.orderById.get({ orderId });
  const { id } = statements.insertOutsideRefund.get({
    paymentId,
    reference,
    amount,
    currency,
    now,
    keyFloor,
  });
  // A fulfilled order's units stay sold, whatever happens to its payment.
  const takesOrder = order?.status === 'paid' && !statements.keptPaymentOfOrder.get({ orderId: order.id });
  const owesMore =
    order && statements.otherOwedOfOrder.get({ orderId: order.id, refundId: id }) !== undefined;
  const ends = takesOrder && !owesMore;
  const event = {
    actor: `provider:${provider}`,
    dropId: order?.dropId ?? null,
    ...(order && unitsOfOrder(order)),
    amount,
    currency,
  };
  journal.log({
    kind: 'refund_due',
    ...event,
    detail: { reason: 'outside', ends: takesOrder, payment: paymentId },
  });
  journal.log({ kind: 'refund_sent', ...event, detail: { reason: 'outside', ends } });
  if (order && takesOrder) {
    for (const { itemId, quantity } of order.items)
      journal.touchStock(order.dropId, statements.returnUnits.get({ itemId, quantity, withdrawn: 0 }));
    statements.setOrderStatus.run({ orderId: order.id, status: ends ? 'refunded' : 'refunding' });
  }
  coverOwed(paymentId, statements, journal);
  return id;
}

/** Turns an accepted refund into a failed one, so that its money is owed again. */
function failRefund(
  refund: RefundRow,
  { reference, error }: Pick<RefundMovement, 'reference' | 'error'>,
  statements: Statements,
  journal: Journal,
): Effect {
  if (!statements.failSentRefund.get({ refundId: refund.id, error, reference })) return 'known';
  const order = orderOfRefund(refund, statements);
  // Only if its refunds had ended the order: a paid order still has its units.
  const isOwedAgain = order?.status === 'refunded' && endsOrder(refund.reason);
  const { sentAt } = refund;
  // Log when it was sent, because the audit subtracts that event.
  const detail = { error, ...(sentAt !== null && { sentAt, ends: isOwedAgain }) };
  logRefund('refund_failed', null, refund, statements, journal, detail);
  if (order && isOwedAgain) statements.setOrderStatus.run({ orderId: order.id, status: 'refunding' });
  // Money that a lost dispute has taken since is not owed.
  coverOwed(refund.paymentId, statements, journal);
  return 'refund';
}

/** Records that the provider made a refund that an operator had already settled by hand. */
function recordDoubled(
  refund: RefundRow,
  reference: string,
  statements: Statements,
  journal: Journal,
): Effect {
  statements.setRefundReference.run({ refundId: refund.id, reference });
  logRefund('refund_doubled', null, refund, statements, journal);
  return 'refund';
}

/** Whether a refund is in the books as returned, without the provider's id. */
const isUnnamed = ({ status, reference }: RefundRow): boolean =>
  reference === null && (status === 'sent' || status === 'settled');

/** The refund that a report names, by the provider's id or by ours. */
const namedBy = (
  { reference, refundId, keyShardId }: RefundMovement,
  refunds: readonly RefundRow[],
): RefundRow | undefined =>
  refunds.find((one) => one.reference === reference) ??
  refunds.find((one) => one.id === refundId && one.keyShardId === (keyShardId ?? null));

/** Records a report. `refunds` are all of its payment. */
type RecordReport = (
  movement: RefundMovement,
  payment: KnownPayment,
  refunds: readonly RefundRow[],
  statements: Statements,
  journal: Journal,
) => Effect;

const recordSent: RecordReport = (movement, payment, refunds, statements, journal) => {
  const { reference, amount } = movement;
  const { paymentId } = payment;
  const own = namedBy(movement, refunds);
  if (own) {
    if (own.status === 'settled' && own.reference === null)
      return recordDoubled(own, reference, statements, journal);
    if (isUnnamed(own)) statements.setRefundReference.run({ refundId: own.id, reference });
    return markSent(own.id, reference, statements, journal) ? 'refund' : 'known';
  }
  const owed = refunds.filter(isOwedRefund);
  // A refund that this server still owes is the same money, even if it was made in the dashboard.
  const same = owed.find((one) => one.amount === amount);
  if (same) return markSent(same.id, reference, statements, journal) ? 'refund' : 'known';
  const { unrefunded = 0 } = statements.leftOfPayment.get({ paymentId }) ?? {};
  if (amount <= owed.reduce((sum, one) => sum + one.amount, unrefunded)) {
    recordOutside(movement, payment, statements, journal);
    return 'refund';
  }
  // A provider never returns more than was paid, so this one is already recorded.
  const unnamed = refunds.filter(isUnnamed);
  const returned =
    unnamed.find((one) => one.amount === amount) ??
    unnamed.find((one) => one.amount > amount) ??
    // Or it replaces a refund whose failure was not reported yet.
    refunds.find((one) => one.status === 'sent' && one.amount === amount);
  if (!returned) return 'mismatched';
  if (returned.amount === amount) statements.setRefundReference.run({ refundId: returned.id, reference });
  return 'known';
};

const recordFailure: RecordReport = (movement, payment, refunds, statements, journal) => {
  const { reference, amount } = movement;
  const { paymentId } = payment;
  const own =
    namedBy(movement, refunds) ??
    refunds.find((one) => one.status === 'sent' && one.reference === null && one.amount === amount);
  const isLatest =
    own?.status === 'sent'
      ? own.reference === null || own.reference === reference
      : own?.status === 'pending' && own.failedReferences.length === 0;
  if (own && isLatest) return failRefund(own, movement, statements, journal);
  const { unrefunded = 0 } = statements.leftOfPayment.get({ paymentId }) ?? {};
  if (!own && amount <= unrefunded) {
    // A refund made in the dashboard whose first report is its failure: record both.
    const id = recordOutside(movement, payment, statements, journal);
    const outside = statements.refundsOfPayment.all({ paymentId }).find((one) => one.id === id);
    return outside ? failRefund(outside, movement, statements, journal) : 'known';
  }
  // An earlier attempt, or one in the dashboard for money that is owed: a late report
  // of its success is wrong.
  const about = own ?? refunds.find(isOwedRefund);
  if (about) statements.rememberFailed.run({ refundId: about.id, reference });
  return 'known';
};

export function recordRefund(
  movement: RefundMovement,
  payment: KnownPayment,
  statements: Statements,
  journal: Journal,
): Effect {
  const { paymentId, currency } = payment;
  if (movement.currency !== currency) return 'mismatched';
  const refunds = statements.refundsOfPayment.all({ paymentId });
  if (refunds.some(({ failedReferences }) => failedReferences.includes(movement.reference))) return 'known';
  const record = movement.status === 'sent' ? recordSent : recordFailure;
  return record(movement, payment, refunds, statements, journal);
}
