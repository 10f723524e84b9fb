/**
 * Turns a provider's report into the command that records it, if the payment is this deployment's.
 */
import type { RecordPayment } from '../domain/command.ts';
import type { Ids } from '../ids/ids.ts';
import type { OrderName, PaymentEvent, PaymentOrigin } from './provider.ts';

export interface NameDeps {
  clock: { now(): number };
  ids: Ids;
  /** The order that a checkout of the provider was opened for; null if it is not ours. */
  orderOfCheckout(provider: string, reference: string): number | null;
}

/** A payment that must not be recorded or refunded. */
export interface Ignored {
  kind: 'ignored';
  /**
   * `unreadable`: ours, but its order was named under another SECRET_KEY. `other_mark`: SECRET_KEY
   * named its order (a code proves this only with high probability), but the mark is not the
   * file's. `moved`: another deployment now has its drop.
   */
  reason: 'foreign' | 'unreadable' | 'other_mark' | 'moved';
}

const ignored = (reason: Ignored['reason']): Ignored => ({ kind: 'ignored', reason });

/** The order of our payment; null if the order is lost. A known checkout takes precedence. */
export function orderOf(
  { order, checkout, mark }: PaymentOrigin,
  provider: string,
  { ids, clock, orderOfCheckout }: NameDeps,
): { kind: 'ours'; orderId: number | null } | Ignored {
  const known = checkout === null ? null : orderOfCheckout(provider, checkout);
  if (known !== null) return { kind: 'ours', orderId: known };
  const isLikely = 'code' in order && ids.isOrderCodeLikely(order.code, clock.now());
  if (mark !== 'own') return isLikely ? ignored('other_mark') : withoutMark(order, ids);
  if ('code' in order) return { kind: 'ours', orderId: ids.parseOrderCode(order.code) };
  if (!isReadable(order, ids)) return ignored('unreadable');
  return { kind: 'ours', orderId: ids.parseOrder(order.id)?.orderId ?? null };
}

/** Whether the name can be of an order here or at another shard of this deployment. */
export const isReadable = (order: OrderName, ids: Ids): boolean =>
  'code' in order || ids.shardIdOf(order.id) !== null;

/** A payment without our mark. Its order id can still prove that SECRET_KEY named it. */
export const withoutMark = (order: OrderName, ids: Ids): Ignored =>
  ignored('id' in order && isReadable(order, ids) ? 'other_mark' : 'foreign');

export function recordPaymentOf(
  event: PaymentEvent,
  provider: string,
  deps: NameDeps,
): RecordPayment | Ignored {
  const found = orderOf(event, provider, deps);
  if (found.kind === 'ignored') return found;
  const { order, checkout, mark, ...facts } = event;
  return { kind: 'recordPayment', provider, orderId: found.orderId, ...facts };
}
