/** Records what a payment provider reports; every payment ends in units or a refund. */
import type { RecordPayment } from '../domain/command.ts';
import { canBecome, endsOrder, type RefundReason } from '../domain/order.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { logClosed } from './checkout.ts';
import type { Journal } from './journal.ts';
import type { Statements } from './statements.ts';
import { claimUnits, historyOf, logIfSoldOut, reachesLimit } from './units.ts';

type KnownOrder = NonNullable<ReturnType<Statements['orderById']['get']>>;

/** Turns money for this order into its units, or returns why it must be refunded. */
function settle(
  order: KnownOrder,
  amount: number,
  currency: string,
  statements: Statements,
  journal: Journal,
): 'settled' | RefundReason {
  const { dropId, itemId, quantity } = order;
  const drop = journal.offer(itemId, statements)?.drop;
  if (amount !== order.unitPrice * quantity || currency !== drop?.currency) return 'wrong_amount';
  if (order.status === 'held') {
    journal.touchStock(dropId, statements.sellHeldUnits.get({ itemId, quantity }));
    journal.openHolds.end(order.id, 'paid');
    return 'settled';
  }
  if (order.status !== 'released') return 'paid_twice';
  // Every purchase has an e-mail address: without one, nothing could be handed over.
  if (order.email === null) return 'customer_erased';
  // Late money: the hold is gone, so the units are taken as in any purchase, including the
  // customer's limit.
  const { customer, customerPhone } = order;
  if (drop.perCustomer !== null) {
    const { units } = historyOf({ customer, dropId }, statements, journal);
    const buyer = { customerPhone, quantity, units };
    if (reachesLimit(buyer, dropId, drop.perCustomer, statements)) return 'limit_reached';
  }
  const counts = claimUnits('sellFreeUnits', { itemId, quantity }, statements, journal);
  if (!counts) return 'sold_out';
  journal.touchStock(dropId, counts);
  return 'settled';
}

/** Applies one event of a provider, once: a repeated event, or the same money, changes nothing. */
export function recordPayment(
  command: RecordPayment,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['recordPayment'] {
  const { provider, eventId, reference, status, amount, currency, endedCheckout } = command;
  if (endedCheckout !== undefined) {
    const ended = { provider, reference: endedCheckout, now: journal.now };
    logClosed(statements.closeCheckoutByReference.all(ended), statements, journal);
  }
  if (statements.paymentByEvent.get({ provider, eventId })) return { kind: 'payment_known' };
  if (status === 'paid' && statements.paidByReference.get({ provider, reference }))
    return { kind: 'payment_known' };
  const order = command.orderId === null ? undefined : statements.orderById.get({ orderId: command.orderId });
  const orderId = order?.id ?? null;
  if (status === 'declined' && statements.declinedByReference.get({ orderId, provider, reference }))
    return { kind: 'payment_known' };

  const { id: paymentId } = statements.insertPayment.get({
    orderId,
    provider,
    eventId,
    reference,
    status,
    amount,
    currency,
    createdAt: journal.now,
  });
  const event = {
    actor: `provider:${provider}`,
    dropId: order?.dropId ?? null,
    amount,
    currency,
    ...(order && { itemId: order.itemId, orderId: order.id, quantity: order.quantity }),
  };
  if (status === 'declined') {
    journal.log({ kind: 'declined', ...event });
    return { kind: 'payment_recorded', effect: 'declined' };
  }

  const settlement = order ? settle(order, amount, currency, statements, journal) : 'unknown_order';
  if (settlement === 'settled') {
    statements.setOrderStatus.run({ orderId, status: 'paid' });
    journal.log({ kind: 'paid', ...event });
    // Late money may have taken the last unit.
    if (order?.status === 'released') logIfSoldOut(order.dropId, statements, journal);
    return { kind: 'payment_recorded', effect: 'paid' };
  }
  // Money that buys no units. An order that has units, or still waits for the right money, stays.
  if (order && endsOrder(settlement) && canBecome(order.status, 'refunding')) {
    statements.setOrderStatus.run({ orderId, status: 'refunding' });
  }
  statements.insertRefund.run({
    paymentId,
    reason: settlement,
    amount,
    currency,
    createdAt: journal.now,
    keyFloor: journal.keyFloor,
  });
  journal.log({ kind: 'refund_due', ...event, detail: { reason: settlement, payment: paymentId } });
  return { kind: 'payment_recorded', effect: 'refund_due' };
}
