/** From what a provider says happened to the Command that records it. */
import type { RecordPayment } from '../domain/command.ts';
import type { Ids } from '../ids.ts';
import type { OrderName, PaymentEvent } from './provider.ts';

export interface NameDeps {
  ids: Ids;
  store: { reads: { orderOfCheckout(provider: string, reference: string): number | null } };
}

/** The order that a provider names; null where it is none of ours. It may be one whose row is lost. */
export function orderIdOf(order: OrderName, provider: string, { ids, store }: NameDeps): number | null {
  if ('id' in order) return ids.parseOrder(order.id)?.orderId ?? null;
  return store.reads.orderOfCheckout(provider, String(order.code)) ?? ids.parseOrderCode(order.code);
}

export function recordPaymentOf(event: PaymentEvent, provider: string, deps: NameDeps): RecordPayment {
  const { order, ...facts } = event;
  return { kind: 'recordPayment', provider, orderId: orderIdOf(order, provider, deps), ...facts };
}
