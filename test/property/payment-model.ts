/** The model of payments: each buys its order's units once, or is refunded. */
import type { FinishRefund, RecordPayment, RefundOrder } from '../../src/domain/command.ts';
import { endsOrder, type RefundReason } from '../../src/domain/order.ts';
import { newKey, type ShopModel } from './shop-model.ts';

/** The result of a recorded payment. */
export type PaymentEnd = 'paid' | 'refund_due' | 'declined';

export interface RefundModel {
  eventId: string;
  reason: RefundReason;
  status: 'pending' | 'sent' | 'failed';
}

/** Buys the order's units with a payment, or returns why it is refunded. */
function settle(
  shop: ShopModel,
  { orderId, amount, currency }: RecordPayment,
  now: number,
): 'paid' | RefundReason {
  const order = shop.orders.get(orderId ?? 0);
  if (!order) return 'unknown_order';
  const { items, dropId, total } = order.placed;
  if (amount !== total || currency !== shop.drops.get(dropId)?.currency) return 'wrong_amount';
  if (order.status !== 'held' && order.status !== 'released') return 'paid_twice';
  // A late payment takes units again if they are free, and if the customer has not reached the
  // limit meanwhile.
  const isLate = order.status === 'released';
  if (isLate && order.placed.email === null) {
    order.status = 'refunding';
    return 'customer_erased';
  }
  if (isLate && shop.itemBeyondLimit(order.command, dropId) !== null) {
    order.status = 'refunding';
    return 'limit_reached';
  }
  // As for a purchase, expired holds of an item count as free.
  const canTake = !isLate || shop.lackingItem(items, now) === null;
  order.status = canTake ? 'paid' : 'refunding';
  return canTake ? 'paid' : 'sold_out';
}

function refund(shop: ShopModel, eventId: string, reason: RefundReason, now: number): void {
  shop.refunds.set(newKey(shop.refunds, now), { eventId, reason, status: 'pending' });
}

/** The expected content of the command's outcome. */
export function recordPayment(shop: ShopModel, command: RecordPayment, now: number): object {
  // An order unknown at the time of the payment is not the payment's order.
  const orderId = shop.orders.has(command.orderId ?? 0) ? command.orderId : null;
  for (const { command: earlier, orderId: earlierOrderId } of shop.payments.values()) {
    const isSameMoney = earlier.status === 'paid' && earlier.reference === command.reference;
    const isSameFailure =
      earlier.status === 'declined' &&
      command.status === 'declined' &&
      earlier.reference === command.reference &&
      earlierOrderId === orderId;
    const isKnown =
      earlier.eventId === command.eventId || (isSameMoney && command.status === 'paid') || isSameFailure;
    if (isKnown) return { kind: 'payment_known' };
  }
  const settled = command.status === 'declined' ? 'declined' : settle(shop, command, now);
  const end = settled === 'paid' || settled === 'declined' ? settled : 'refund_due';
  shop.payments.set(command.eventId, { command, end, orderId });
  if (settled !== 'paid' && settled !== 'declined') refund(shop, command.eventId, settled, now);
  return { kind: 'payment_recorded', effect: end };
}

export function refundOrder(shop: ShopModel, { orderId, restock }: RefundOrder, now: number): object {
  const order = shop.orders.get(orderId);
  if (!order) return { kind: 'order_not_found' };
  const kept = [...shop.payments.values()].find(
    ({ command, end }) => command.orderId === orderId && end === 'paid',
  );
  if (order.status !== 'paid' || !kept) return { kind: 'wrong_status', status: order.status };
  order.status = 'refunding';
  kept.end = 'refund_due';
  refund(shop, kept.command.eventId, 'operator', now);
  for (const { itemId, quantity } of restock ? [] : order.placed.items) {
    const item = shop.items.get(itemId);
    if (item) item.stock -= quantity;
  }
  return { kind: 'done' };
}

export function finishRefund(shop: ShopModel, { refundId, result }: FinishRefund): object {
  const known = shop.refunds.get(refundId);
  const isOpen = known?.status === 'pending' || (known?.status === 'failed' && result === 'sent');
  if (!known || !isOpen) return { kind: 'not_due' };
  if (result !== 'retry') known.status = result;
  const order = shop.orders.get(shop.payments.get(known.eventId)?.command.orderId ?? 0);
  if (result === 'sent' && order?.status === 'refunding' && endsOrder(known.reason))
    order.status = 'refunded';
  return { kind: 'done' };
}
