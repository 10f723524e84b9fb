/** Stripe's units and bounds, as docs.stripe.com/currencies states them. */
import { describe, expect, test } from 'vitest';
import { currencies } from '../../../src/domain/currency.ts';
import { createStripeProvider } from '../../../src/payments/stripe.ts';
import { fromStripeAmount, stripeBounds, toStripeAmount } from '../../../src/payments/stripe-amounts.ts';
import { readMark } from '../../support/deployment-mark.ts';
import { LoopbackStripe } from '../../support/loopback-stripe.ts';

describe('units', () => {
  test.each([
    ['EUR', 12_900, 12_900],
    ['HUF', 1_290_000, 1_290_000],
    ['TWD', 80_000, 80_000],
    ['JPY', 500, 500],
    ['KWD', 5_120, 5_120],
    ['ISK', 5, 500],
    ['UGX', 60_000, 6_000_000],
    ['MGA', 500_000, 5_000],
  ])('of %s: %i minor units are %i at Stripe', (currency, amount, atStripe) => {
    expect(toStripeAmount(amount, currency)).toBe(atStripe);
    expect(fromStripeAmount(atStripe, currency)).toBe(amount);
  });

  test('never round a fraction up to a whole unit', () => expect(fromStripeAmount(599, 'ISK')).toBe(5));
});

describe('bounds', () => {
  const bounds = (min: number, max: number, multipleOf = 1) => ({ min, max, multipleOf });
  test.each([
    ['EUR', bounds(50, 99_999_999)],
    ['GBP', bounds(30, 99_999_999)],
    ['HUF', bounds(17_500, 99_999_999)],
    ['JPY', bounds(50, 99_999_999)],
    ['MXN', bounds(1_000, 99_999_999)],
    ['IDR', bounds(1, 999_999_999_999)],
    ['KWD', bounds(10, 99_999_990, 10)],
    ['ISK', bounds(1, 999_999)],
    ['UGX', bounds(1, 999_999)],
    ['MGA', bounds(100, 9_999_999_900, 100)],
  ])('%s: %j', (currency, expected) => expect(stripeBounds(currency)).toEqual(expected));

  test.each(['IRR', 'KPW', 'CUP', 'SYP', 'LYD', 'IQD'])('exist for no unsupported currency: %s', (currency) =>
    expect(stripeBounds(currency)).toBeNull(),
  );

  test('preserve the smallest and the largest amount of every currency in both directions', () => {
    for (const currency of currencies) {
      const { min = 0, max = 0 } = stripeBounds(currency) ?? {};
      for (const amount of [min, max]) {
        expect(Number.isSafeInteger(toStripeAmount(amount, currency)), currency).toBe(true);
        expect(fromStripeAmount(toStripeAmount(amount, currency), currency), currency).toBe(amount);
      }
      expect(String(toStripeAmount(max, currency)).length).toBeLessThanOrEqual(currency === 'IDR' ? 12 : 8);
    }
  });
});

test.each([
  ['ISK', 5, 500],
  ['MGA', 500_000, 5_000],
  ['KWD', 5_120, 5_120],
])('checkout, webhook, look-up and refund of %s use Stripe’s amounts', async (currency, amount, atStripe) => {
  const stripe = await new LoopbackStripe().listen();
  const { secretKey, webhookSecret, url: apiBase } = stripe;
  const provider = createStripeProvider({ secretKey, webhookSecret, apiBase, timeoutMs: 5_000, readMark });
  const now = Date.now();
  const { reference } = await provider.checkout({
    orderId: 'ord_one',
    orderCode: 1,
    amount,
    currency,
    description: 'A shoe',
    now,
    successUrl: 'https://shop.example/o',
    cancelUrl: 'https://shop.example/o',
    expiresAt: now + 600_000,
    opened: 0,
  });
  expect(stripe.sessions.get(reference)?.amount_total).toBe(atStripe);
  const { body, headers } = await stripe.pay(reference);
  expect(await provider.readWebhook(body, new Headers(headers), now)).toMatchObject({
    event: { amount, currency },
  });
  const { events } = await provider.queryCheckout(reference);
  expect(events).toMatchObject([{ amount, currency }]);
  const facts = { reference: events[0]?.reference ?? '', amount, currency, isKeyUsed: false };
  const refund = { id: 'rfd_one', key: 'rfd_one', ...facts };
  expect(await provider.refund({ ...refund, isRepeated: false })).toMatchObject({ kind: 'sent' });
  expect(await provider.refund({ ...refund, isRepeated: true })).toMatchObject({ kind: 'sent' });
  expect(stripe.refunds).toMatchObject([{ amount: atStripe }]);
  await stripe.close();
});
