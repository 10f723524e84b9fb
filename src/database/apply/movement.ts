/** Records money that moved outside: disputes, refunds made in the provider's dashboard, and accepted refunds that fail. */
import type { Movement, RecordMovement } from '../../domain/movement.ts';
import { canBecome, disputeStatuses, endsOrder, type Refund } from '../../domain/order.ts';
import type { OutcomeByCommand } from '../../domain/outcome.ts';
import type { Journal } from './journal.ts';
import { logRefund, markSent, orderOfRefund } from './refund.ts';
import type { Statements } from './statements.ts';

interface Known {
  provider: string;
  paymentId: number;
  orderId: number | null;
}
type DisputeMovement = Extract<Movement, { kind: 'dispute' }>;
type RefundMovement = Extract<Movement, { kind: 'refund' }>;
type Effect = Extract<OutcomeByCommand['recordMovement'], { kind: 'movement_recorded' }>['effect'];

/** A dispute that is closed stays closed; of two decisions the later one counts. */
function recordDispute(
  movement: DisputeMovement,
  { provider, paymentId, orderId }: Known,
  statements: Statements,
  journal: Journal,
): Effect {
  const { reference, status, reason, amount, currency, openedAt, happenedAt } = movement;
  const known = statements.disputeByReference.get({ provider, reference });
  const { id } =
    known ??
    statements.insertDispute.get({ paymentId, provider, reference, reason, amount, currency, openedAt });
  const isDecided =
    status !== 'open' &&
    status !== known?.status &&
    (known?.closedAt ?? Number.NEGATIVE_INFINITY) < happenedAt;
  if (known && !isDecided) return 'known';

  const order = orderId === null ? undefined : statements.orderById.get({ orderId });
  const log = (kind: 'dispute_opened' | 'dispute_won' | 'dispute_lost') =>
    journal.log({
      kind,
      actor: `provider:${provider}`,
      dropId: order?.dropId ?? null,
      ...(order && { itemId: order.itemId, orderId: order.id, quantity: order.quantity }),
      amount,
      currency,
      detail: { dispute: id, reason },
    });
  if (!known) log('dispute_opened');
  if (isDecided) {
    statements.closeDispute.run({ disputeId: id, status, closedAt: happenedAt });
    log(`dispute_${status}`);
  }
  if (order) {
    const statuses = statements.disputesOfOrder.all({ orderId: order.id }).map((one) => one.status);
    const dispute = disputeStatuses.find((one) => statuses.includes(one)) ?? null;
    statements.setOrderDispute.run({ orderId: order.id, dispute });
  }
  return 'dispute';
}

/** Puts a new row for a refund made outside, and ends the order where nothing is left of its money. */
function recordOutside(
  { reference, amount, currency }: RefundMovement,
  { provider, paymentId, orderId }: Known,
  statements: Statements,
  journal: Journal,
): number {
  const { now } = journal;
  const order = orderId === null ? undefined : statements.orderById.get({ orderId });
  const { id } = statements.insertOutsideRefund.get({ paymentId, reference, amount, currency, now });
  // Goods that are handed over stay sold, whatever became of their money.
  const isEnding = order?.status === 'paid' && !statements.keptPaymentOfOrder.get({ orderId: order.id });
  const event = {
    actor: `provider:${provider}`,
    dropId: order?.dropId ?? null,
    ...(order && { itemId: order.itemId, orderId: order.id, quantity: order.quantity }),
    amount,
    currency,
    detail: { reason: 'outside', ends: isEnding },
  };
  journal.log({ kind: 'refund_due', ...event });
  journal.log({ kind: 'refund_sent', ...event });
  if (order && isEnding) {
    const { itemId, quantity } = order;
    journal.touchStock(order.dropId, statements.takeBackUnits.get({ itemId, quantity, withdrawn: 0 }));
    statements.setOrderStatus.run({ orderId: order.id, status: 'refunded' });
  }
  return id;
}

/** Turns a refund that had been accepted into one that failed: its money is owed again. */
function failRefund(
  refund: Pick<Refund, 'id' | 'paymentId' | 'reason' | 'amount' | 'currency' | 'sentAt'>,
  error: string | null,
  statements: Statements,
  journal: Journal,
): Effect {
  if (!statements.failSentRefund.get({ refundId: refund.id, error })) return 'known';
  const order = orderOfRefund(refund, statements);
  const isOwedAgain = order !== undefined && endsOrder(refund.reason) && canBecome(order.status, 'refunding');
  const { sentAt } = refund;
  // The log has told that it was sent, and when: the audit takes that back.
  const detail = { error, ...(sentAt !== null && { sentAt, ends: isOwedAgain }) };
  logRefund('refund_failed', null, refund, statements, journal, detail);
  if (isOwedAgain && sentAt !== null)
    statements.setOrderStatus.run({ orderId: order.id, status: 'refunding' });
  return 'refund';
}

type KnownRefund = ReturnType<Statements['refundsOfPayment']['all']>[number];

/** A provider never returns more than was paid: what exceeds the rest of a payment is in the books already. */
const exceedsRest = ({ amount }: RefundMovement, { paymentId }: Known, statements: Statements): boolean =>
  amount > (statements.leftOfPayment.get({ paymentId })?.left ?? 0);

/** The refund that a report means although it names another id: one that is owed, or that is back under an unknown id. */
function sameMoney(
  movement: RefundMovement,
  known: Known,
  refunds: readonly KnownRefund[],
  statements: Statements,
): KnownRefund | undefined {
  const { amount } = movement;
  // A refund that this server still owes is the same money, also where an operator made it in the dashboard.
  const owed = refunds.find(
    (one) => (one.status === 'pending' || one.status === 'failed') && one.amount === amount,
  );
  if (owed) return owed;
  if (!exceedsRest(movement, known, statements)) return undefined;
  const unnamed = refunds.filter(
    (one) => one.status === 'settled' || (one.status === 'sent' && one.reference === null),
  );
  return (
    unnamed.find((one) => one.amount === amount) ??
    unnamed.find((one) => one.amount > amount) ??
    // Or it replaces one whose failure was not reported yet.
    refunds.find((one) => one.status === 'sent' && one.amount === amount)
  );
}

function recordRefund(
  movement: RefundMovement,
  known: Known,
  statements: Statements,
  journal: Journal,
): Effect {
  const { reference, refundId, status, error } = movement;
  const refunds = statements.refundsOfPayment.all({ paymentId: known.paymentId });
  const found =
    refunds.find((one) => one.reference === reference) ??
    refunds.find((one) => one.id === refundId) ??
    (status === 'sent' ? sameMoney(movement, known, refunds, statements) : undefined);

  if (status === 'sent') {
    if (!found) {
      recordOutside(movement, known, statements, journal);
      return 'refund';
    }
    if (found.status === 'sent' || found.status === 'settled') {
      // An old report of ours must not replace the attempt that succeeded since.
      const isUnderNewId =
        found.id === refundId ? found.reference === null : found.amount === movement.amount;
      if (isUnderNewId) statements.setRefundReference.run({ refundId: found.id, reference });
      return 'known';
    }
    // A report of the attempt that is known to have failed comes late.
    if (found.reference === reference) return 'known';
    return markSent(found.id, reference, statements, journal) ? 'refund' : 'known';
  }
  if (found) {
    // The failure of an older attempt, or of one that is already known to have failed.
    const isOld = found.reference !== null && (found.reference !== reference || found.status === 'pending');
    if (isOld) return 'known';
    statements.setRefundReference.run({ refundId: found.id, reference });
    return failRefund(found, error, statements, journal);
  }
  // It failed, and the money went back by another refund.
  if (exceedsRest(movement, known, statements)) return 'known';
  // One that was made outside, and is heard of only now that it failed: it was sent, and then was not.
  const id = recordOutside(movement, known, statements, journal);
  const inserted = statements.refundsOfPayment
    .all({ paymentId: known.paymentId })
    .find((one) => one.id === id);
  return inserted ? failRefund(inserted, error, statements, journal) : 'known';
}

function paymentOf(
  { provider, paymentReference, movement }: RecordMovement,
  statements: Statements,
): { id: number } | undefined {
  if (paymentReference !== null)
    return statements.paidByReference.get({ provider, reference: paymentReference });
  const refundId = movement.kind === 'refund' ? movement.refundId : null;
  const refund = refundId === null ? undefined : statements.refundById.get({ refundId });
  return refund && { id: refund.paymentId };
}

export function recordMovement(
  command: RecordMovement,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['recordMovement'] {
  const { provider, paymentReference, keepsEarly, movement } = command;
  const payment = paymentOf(command, statements);
  if (!payment) {
    if (!keepsEarly || paymentReference === null) return { kind: 'payment_unknown' };
    const report = JSON.stringify(movement);
    statements.keepEarlyMovement.run({ provider, paymentReference, report, now: journal.now });
    return { kind: 'movement_recorded', effect: 'kept' };
  }
  const orderId = statements.paymentById.get({ paymentId: payment.id })?.orderId ?? null;
  const known = { provider, paymentId: payment.id, orderId };
  const effect =
    movement.kind === 'dispute'
      ? recordDispute(movement, known, statements, journal)
      : recordRefund(movement, known, statements, journal);
  return { kind: 'movement_recorded', effect };
}

/** To be called once a payment is recorded: applies what its provider had reported before. */
export function applyEarlyMovements(
  provider: string,
  paymentReference: string,
  statements: Statements,
  journal: Journal,
): void {
  for (const { id, report } of statements.earlyMovementsOf.all({ provider, paymentReference })) {
    const movement = JSON.parse(report) as Movement;
    recordMovement(
      { kind: 'recordMovement', provider, paymentReference, keepsEarly: false, movement },
      statements,
      journal,
    );
    statements.forgetEarlyMovement.run({ id });
  }
}
