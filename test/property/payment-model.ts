/** The part of the model that money moves through: every payment buys its order's units once, or goes back. */
import type { RecordPayment } from '../../src/domain/command.ts';
import type { ShopModel } from './shop-model.ts';

/** What became of a payment that was recorded. */
export type PaymentEnd = 'paid' | 'refund_due' | 'declined';

/** Turns money into the order's units, or leaves it to be refunded. */
function settle(shop: ShopModel, { orderId, amount, currency }: RecordPayment, now: number): PaymentEnd {
  const order = shop.orders.get(orderId ?? 0);
  if (!order || (order.status !== 'held' && order.status !== 'released')) return 'refund_due';
  const { itemId, dropId, quantity, unitPrice } = order.placed;
  if (amount !== unitPrice * quantity || currency !== shop.drops.get(dropId)?.currency) return 'refund_due';
  // Late money takes its units anew: if they are free at this moment, and the customer has not bought others meanwhile.
  const isLate = order.status === 'released';
  const mayTake = !shop.isOverLimit(order.command, dropId);
  // As for a purchase, holds of the item that are over count as free.
  if (isLate && mayTake && shop.free(itemId) < quantity)
    shop.releaseDue(now, Number.POSITIVE_INFINITY, itemId);
  const canTake = mayTake && shop.free(itemId) >= quantity;
  order.status = order.status === 'held' || canTake ? 'paid' : 'refunding';
  return order.status === 'paid' ? 'paid' : 'refund_due';
}

/** What the outcome of the command must contain. */
export function recordPayment(shop: ShopModel, command: RecordPayment, now: number): object {
  for (const { command: earlier } of shop.payments.values()) {
    const isSameMoney = earlier.status === 'paid' && earlier.reference === command.reference;
    const isKnown = earlier.eventId === command.eventId || (isSameMoney && command.status === 'paid');
    if (isKnown) return { kind: 'payment_known' };
  }
  const end = command.status === 'declined' ? 'declined' : settle(shop, command, now);
  shop.payments.set(command.eventId, { command, end });
  return { kind: 'payment_recorded', effect: end };
}
