/** Disputes and failed refunds of payments without an order are recorded and reported. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJson } from '../support/client.ts';
import { runtimes } from '../support/contract-server.ts';
import { payForLostOrder } from '../support/lost-order.ts';
import { stripeSettings } from '../support/provider-settings.ts';
import { WebhookReceiver } from '../support/receivers.ts';
import { until } from '../support/shop.ts';
import { disputeOf, refundFails } from '../support/stripe-movements.ts';
import { StripeShop } from '../support/stripe-shop.ts';

describe.each(runtimes)('money for no order, on %s', (runtime) => {
  const shop = new StripeShop();
  const { stripe } = shop;
  const receiver = new WebhookReceiver();
  beforeAll(async () => {
    await Promise.all([stripe.listen(), receiver.listen()]);
    await shop.startWith(runtime, undefined, {
      PAYMENT_PROVIDERS: 'stripe',
      ...stripeSettings(stripe),
      WEBHOOK_URLS: receiver.url,
      WEBHOOK_SECRET: receiver.secret,
    });
  });
  afterAll(async () => {
    expect(await shop.server.stop(), shop.server.output().slice(-2_000)).toEqual({ code: 0, signal: null });
    expect(receiver.forged).toBe(0);
    await Promise.all([stripe.close(), receiver.close()]);
  });

  const reconcile = async (): Promise<{ movements: number; failed: number }> => {
    const answer = await shop.admin({ method: 'POST', path: '/admin/reconcile' });
    expect(answer.status, answer.text).toBe(200);
    return readJson(answer);
  };
  const waitFor = (type: string) =>
    until(
      async () => receiver.received.find((message) => message.type === type),
      (message) => message !== undefined,
    );

  test('a dispute whose webhook was lost is found; it and a failed refund are reported', async () => {
    const payment = await payForLostOrder(shop);
    const [made] = await until(
      async () => stripe.refunds.filter((refund) => refund.payment_intent === payment.id),
      ({ length }) => length === 1,
    );
    stripe.disputes.push({ ...disputeOf(payment), status: 'lost' });
    expect(await reconcile()).toMatchObject({ movements: 1, failed: 0 });
    expect(await reconcile()).toMatchObject({ movements: 0, failed: 0 });
    const money = { amount: 1250, currency: 'EUR' };
    expect((await waitFor('order.disputed'))?.data).toEqual({
      order: null,
      provider: 'stripe',
      reason: 'fraudulent',
      dispute: { ...money, status: 'open' },
    });
    expect((await waitFor('order.dispute_closed'))?.data).toMatchObject({ dispute: { status: 'lost' } });

    if (!made) throw new Error('Stripe has no refund.');
    await until(
      async () => (await shop.admin({ path: '/admin/refunds?status=sent' })).text,
      (text) => text.includes('unknown_order'),
    );
    const failed = await shop.deliver(await refundFails(stripe, made));
    expect(readJson(failed)).toEqual({ received: true, effect: 'refund' });
    expect((await waitFor('refund.failed'))?.data).toEqual({
      order: null,
      provider: 'stripe',
      reason: 'unknown_order',
      refund: { ...money, error: 'lost_or_stolen_card' },
    });
    expect(shop.violations()).toEqual([]);
  });
});
