/** Orders of this SECRET_KEY that a restore lost, and the payment for one. */
import { expect } from 'vitest';
import { createIds } from '../../src/ids/ids.ts';
import { readJson } from './client.ts';
import { stripeId } from './loopback-stripe.ts';
import type { LoopbackPayment } from './loopback-stripe-objects.ts';
import type { StripeShop } from './stripe-shop.ts';

/** At the edge too: no drop has this number. */
export const lostOrder = (secretKey: string): string =>
  createIds(secretKey).order({ dropId: 60_000, orderId: 7 });

/** Stripe reports a payment for such an order; the server records its refund. */
export async function payForLostOrder(shop: StripeShop): Promise<LoopbackPayment> {
  const { stripe } = shop;
  const known = await shop.openSession(await shop.buy((await shop.createDrop()).id));
  const order = lostOrder(shop.server.secretKey);
  const metadata = { ...known.metadata, stampede_order: order };
  const payment = { id: stripeId('pi'), order, amount: 1250, currency: 'eur', refunds: 0, metadata };
  stripe.payments.set(payment.id, payment);
  const session = {
    id: stripeId('cs'),
    object: 'checkout.session',
    status: 'complete',
    payment_status: 'paid',
    amount_total: 1250,
    currency: 'eur',
    metadata,
    payment_intent: payment.id,
  };
  const answer = await shop.deliver(await stripe.event('checkout.session.completed', session));
  expect([answer.status, readJson(answer)]).toEqual([200, { received: true, effect: 'refund_due' }]);
  return payment;
}
