/** From what a provider says happened to the Command that records it. */
import type { RecordPayment } from '../domain/command.ts';
import type { Ids } from '../ids.ts';
import type { OrderName, PaymentEvent } from './provider.ts';

export const orderIdOf = (order: OrderName, ids: Ids): number | null =>
  'id' in order ? (ids.parseOrder(order.id)?.orderId ?? null) : ids.parseOrderNumber(order.number);

export function recordPaymentOf(event: PaymentEvent, provider: string, ids: Ids): RecordPayment {
  const { order, ...facts } = event;
  return { kind: 'recordPayment', provider, orderId: orderIdOf(order, ids), ...facts };
}
