/** The model of deleting a customer: nothing changes until every open order is named. */
import type { EraseCustomer } from '../../src/domain/command.ts';
import type { ShopModel } from './shop-model.ts';

/** The orders that an operator names; `foreign` includes another customer's. */
export type NamedOrders = 'none' | 'some' | 'all' | 'foreign';

const ordersOf = (shop: ShopModel, customer: string) =>
  [...shop.orders].filter(([, { command }]) => command.customer === customer);

export function namedOrders(shop: ShopModel, customer: string, named: NamedOrders): number[] {
  if (named === 'none') return [];
  const theirs = ordersOf(shop, customer).map(([id]) => id);
  if (named === 'some') return theirs.filter((_, index) => index % 2 === 0);
  const foreign = [...shop.orders.keys()].find((id) => !theirs.includes(id)) ?? Math.max(0, ...theirs) + 1;
  return named === 'foreign' ? [...theirs, foreign] : theirs;
}

/** The expected content of the command's outcome. */
export function eraseCustomer(shop: ShopModel, { customer, openOrders, isDryRun }: EraseCustomer): object {
  const theirs = ordersOf(shop, customer);
  const ids = theirs.map(([id]) => id);
  const positions = [...openOrders.keys()].filter((index) => !ids.includes(openOrders[index] ?? 0));
  if (positions.length > 0) return { kind: 'unknown_orders', positions };
  const known = theirs.filter(
    ([, order]) => order.placed.email !== null || order.hasTrackingCode || order.status === 'held',
  );
  const owed = new Set(
    [...shop.refunds.values()]
      .filter(({ status }) => status !== 'sent')
      .map(({ eventId }) => shop.payments.get(eventId)?.orderId),
  );
  const open = known.filter(
    ([id, { status }]) => status === 'paid' || status === 'refunding' || owed.has(id),
  );
  if (open.some(([id]) => !openOrders.includes(id))) {
    return { kind: 'open_orders', orders: open.map(([id, { status }]) => ({ id, status })) };
  }
  if (isDryRun) return { kind: 'erasable', orders: known.length };
  for (const [, order] of known) {
    order.placed.email = null;
    order.hasTrackingCode = false;
    if (order.status === 'held') Object.assign(order, { status: 'released', releaseReason: 'erased' });
  }
  return { kind: 'customer_erased', orders: known.length };
}
