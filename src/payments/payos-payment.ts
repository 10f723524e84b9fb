/** A payment that payOS reports, in a webhook or on a query. */
import type { Mark } from './mark.ts';
import type { PaymentEvent } from './provider.ts';

/** The only currency of payOS. */
export const payosCurrency = 'VND';

/** The provider's id of a payment, from the link's order code and the bank's reference. */
const paymentReference = (orderCode: number, bankReference: string): string =>
  `${orderCode}:${bankReference}`;

export const payosEvent = (
  orderCode: number,
  reference: string,
  amount: number,
  paidIn: string,
  mark: Mark,
): PaymentEvent => ({
  eventId: paymentReference(orderCode, reference),
  reference: paymentReference(orderCode, reference),
  order: { code: orderCode },
  checkout: String(orderCode),
  mark,
  status: 'paid',
  amount,
  currency: paidIn,
});
