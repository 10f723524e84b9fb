/** Records a payment that a provider reports. Every payment becomes units or a refund. */
import type { RecordPayment } from '../domain/command.ts';
import { unitsOfOrder } from '../domain/event.ts';
import { canBecome, endsOrder, type RefundReason } from '../domain/order.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { logClosed } from './checkout.ts';
import type { Journal } from './journal.ts';
import type { Statements } from './statements.ts';
import { claimUnits, historyOf, itemBeyondLimit, logIfSoldOut } from './units.ts';

type KnownOrder = NonNullable<ReturnType<Statements['orderById']['get']>>;

/** Gives a payment's order its units, or returns why the payment must be refunded. */
function settle(
  order: KnownOrder,
  amount: number,
  currency: string,
  statements: Statements,
  journal: Journal,
): 'settled' | RefundReason {
  const { dropId, items } = order;
  const drop = journal.offer(items[0]?.itemId ?? 0, statements)?.drop;
  if (amount !== order.total || currency !== drop?.currency) return 'wrong_amount';
  if (order.status === 'held') {
    for (const { itemId, quantity } of items)
      journal.touchStock(dropId, statements.sellHeldUnits.get({ itemId, quantity }));
    journal.openHolds.end(order.id, 'paid');
    return 'settled';
  }
  if (order.status !== 'released') return 'paid_twice';
  // Every purchase has an e-mail address. Without one, the order can't be fulfilled.
  if (order.email === null) return 'customer_erased';
  // A late payment: the hold has ended, so the units are claimed as in any purchase, including the
  // customer's limit.
  const { customer, customerPhone } = order;
  if (drop.perCustomer !== null) {
    const { units } = historyOf({ customer, dropId }, statements, journal);
    const buyer = { customerPhone, items, units };
    if (itemBeyondLimit(buyer, dropId, drop.perCustomer, statements) !== null) return 'limit_reached';
  }
  const claim = claimUnits('sell', dropId, items, statements, journal);
  return claim.kind === 'claimed' ? 'settled' : claim.kind;
}

/**
 * Applies a provider's event once: a repeated event, or one about the same payment, changes
 * nothing.
 */
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
    ...(order && unitsOfOrder(order)),
  };
  if (status === 'declined') {
    journal.log({ kind: 'declined', ...event });
    return { kind: 'payment_recorded', effect: 'declined' };
  }

  const settlement = order ? settle(order, amount, currency, statements, journal) : 'unknown_order';
  if (settlement === 'settled') {
    statements.setOrderStatus.run({ orderId, status: 'paid' });
    journal.log({ kind: 'paid', ...event });
    // A late payment may have claimed the last unit.
    if (order?.status === 'released') logIfSoldOut(order.dropId, statements, journal);
    return { kind: 'payment_recorded', effect: 'paid' };
  }
  // The payment buys no units. An order with units, or one that awaits the right amount, is
  // unchanged.
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
