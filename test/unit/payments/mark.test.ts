/** The deployment's mark at each provider: on a checkout, and as the owner of a payment. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { FIRST_MS, KEYS_PER_MS } from '../../../src/domain/key-time.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { transferMark } from '../../../src/payments/mark.ts';
import { createPayosProvider } from '../../../src/payments/payos.ts';
import type { CheckoutRequest, PaymentEvent, PaymentProvider } from '../../../src/payments/provider.ts';
import { type Ignored, recordPaymentOf } from '../../../src/payments/record-payment.ts';
import { createStripeProvider } from '../../../src/payments/stripe.ts';
import { mark, readMark } from '../../support/deployment-mark.ts';
import { LoopbackPayos } from '../../support/loopback-payos.ts';
import { LoopbackStripe } from '../../support/loopback-stripe.ts';
import type { Delivery } from '../../support/stripe-signature.ts';

const orderCode = 123_456_789_012_345;
const request = (): CheckoutRequest => ({
  orderId: 'ord_one',
  orderCode,
  amount: 250_000,
  currency: 'VND',
  description: 'A shoe, 42',
  expiresAt: Date.now() + 3_600_000,
  successUrl: 'https://shop.example/',
  cancelUrl: 'https://shop.example/',
  now: Date.now(),
  opened: 0,
});
const markIn = async (provider: PaymentProvider, { body, headers }: Delivery) => {
  const reading = await provider.readWebhook(body, new Headers(headers), Date.now());
  return reading.kind === 'event' ? reading.event.mark : reading.kind;
};

describe('stripe', () => {
  const open = async () => {
    const stripe = await new LoopbackStripe().listen();
    onTestFinished(() => stripe.close());
    const { secretKey, webhookSecret, url: apiBase } = stripe;
    const settings = { secretKey, webhookSecret, apiBase, timeoutMs: 10_000, readMark };
    const provider = createStripeProvider(settings);
    const { reference } = await provider.checkout(request());
    const session = stripe.sessions.get(reference);
    if (!session) throw new Error('Stripe has no session.');
    return { stripe, provider, session };
  };

  test('stores the mark in the session and in the payment', async () => {
    const { session, stripe, provider } = await open();
    const metadata = { stampede_order: 'ord_one', stampede_deployment: mark };
    expect(session).toMatchObject({ metadata, payment_metadata: metadata });
    await stripe.pay(session.id);
    const origin = { order: { id: 'ord_one' }, checkout: null, mark: 'own' };
    expect(await provider.originOf?.(session.payment_intent ?? '')).toEqual(origin);
  });

  test.each([
    ['own', { stampede_order: 'ord_one', stampede_deployment: mark }],
    ['foreign', { stampede_order: 'ord_one', stampede_deployment: 'f'.repeat(32) }],
    ['none', { stampede_order: 'ord_one' }],
    ['ignored', { stampede_deployment: mark }],
  ])('%s is read from %j', async (whose, metadata) => {
    const { session, stripe, provider } = await open();
    Object.assign(session, { metadata });
    expect(await markIn(provider, await stripe.pay(session.id))).toBe(whose);
  });
});

describe('payos', () => {
  const open = async () => {
    const payos = await new LoopbackPayos().listen();
    onTestFinished(() => payos.close());
    const { clientId, apiKey, checksumKey, url: apiBase } = payos;
    const settings = { clientId, apiKey, checksumKey, apiBase, timeoutMs: 10_000, readMark };
    const provider = createPayosProvider(settings);
    await provider.checkout(request());
    return { payos, provider };
  };
  const own = transferMark(mark, orderCode);

  test('writes the mark into the text of the transfer, a different one per order', async () => {
    const { payos } = await open();
    expect(payos.links.get(orderCode)?.description).toBe(own);
    expect(own).toMatch(/^[0-9A-Z]{9}$/);
    expect(transferMark(mark, orderCode + 1)).not.toBe(own);
    expect(transferMark('f'.repeat(32), orderCode)).not.toBe(own);
  });

  test.each([
    ['own', own],
    ['own', `CS9ZQ ${own.toLowerCase()} GD 12`],
    ['none', transferMark('f'.repeat(32), orderCode)],
    ['none', 'Thanks for the shoe'],
    ['none', ''],
  ])('%s is read from the text "%s"', async (whose, description) => {
    const { payos, provider } = await open();
    expect(await markIn(provider, await payos.pay(orderCode, { description }))).toBe(whose);
  });
});

describe('a payment', () => {
  const ids = createIds('a-secret-of-thirty-two-characters');
  const order = { id: ids.order({ dropId: 1, orderId: 7 }) };
  const unreadable = { id: 'ord_AAAAAAAAAAAAAAAAAAAAAA' };
  const money = { status: 'paid', amount: 1, currency: 'EUR' } as const;
  const event = { eventId: 'one', reference: 'one', ...money, order, checkout: 'cs_other', mark: 'own' };
  const orderOfCheckout = (_: string, reference: string) => (reference === 'cs_known' ? 3 : null);
  const now = Date.UTC(2026, 11, 1);
  const deps = { ids, orderOfCheckout, clock: { now: () => now } };
  /** The code of an order placed so many hours ago. */
  const codeOf = (hours: number) => ({
    code: ids.orderCode((now - FIRST_MS - hours * 3_600_000) * KEYS_PER_MS),
  });
  const recorded = (changes: Partial<PaymentEvent>) => {
    const command = recordPaymentOf({ ...event, ...changes } as PaymentEvent, 'stripe', deps);
    return command.kind === 'ignored' ? command.reason : command.orderId;
  };

  test.each<[string, Partial<PaymentEvent>, number | null | Ignored['reason']]>([
    ['with our mark belongs to the order that it names', {}, 7],
    ['through a known checkout belongs to its order', { checkout: 'cs_known' }, 3],
    ['through a known checkout needs no mark', { checkout: 'cs_known', mark: 'none' }, 3],
    [
      'through a known checkout may have the mark of its drop’s earlier deployment',
      { checkout: 'cs_known', mark: 'foreign' },
      3,
    ],
    ['through a known checkout needs no readable order', { checkout: 'cs_known', order: unreadable }, 3],
    ['without a mark, of another key, is foreign', { mark: 'none', order: unreadable }, 'foreign'],
    ['with another mark, of another key, is foreign', { mark: 'foreign', order: unreadable }, 'foreign'],
    ['without a mark, with a code, is foreign', { mark: 'none', order: { code: 7 } }, 'foreign'],
    ['without a mark, of our key, is a lost order’s', { mark: 'none' }, 'other_mark'],
    ['with another mark, of our key, is a lost order’s', { mark: 'foreign' }, 'other_mark'],
    [
      'without a mark, with a code of two days ago, is foreign',
      { order: codeOf(49), mark: 'none' },
      'foreign',
    ],
    ['without a mark, with a code of the future, is foreign', { order: codeOf(-1), mark: 'none' }, 'foreign'],
    [
      'without a mark, with a recent code, is a lost order’s',
      { order: codeOf(47), mark: 'none' },
      'other_mark',
    ],
    ['with our mark and a name of another key is unreadable', { order: unreadable }, 'unreadable'],
    ['with our mark and an unknown code belongs to a lost order', { order: { code: 2 ** 52 } }, null],
  ])('%s', (_, changes, of) => {
    expect(recorded(changes)).toBe(of);
  });

  test('for another shard of the deployment belongs to a lost order there', () => {
    const elsewhere = { ...deps, ids: createIds('a-secret-of-thirty-two-characters', 70_000) };
    expect(recordPaymentOf(event as PaymentEvent, 'stripe', elsewhere)).toMatchObject({ orderId: null });
  });
});
