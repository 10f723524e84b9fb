/** Stripe through its SDK against a loopback server: checkouts, and valid and invalid webhooks. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { CheckoutRequest, PaymentProvider } from '../../../src/payments/provider.ts';
import { CHECKOUT_UNKNOWN } from '../../../src/payments/provider.ts';
import { createStripeProvider } from '../../../src/payments/stripe.ts';
import { readMark } from '../../support/deployment-mark.ts';
import type { Fault } from '../../support/loopback-provider.ts';
import { LoopbackStripe } from '../../support/loopback-stripe.ts';
import { signedByStripe } from '../../support/stripe-signature.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
let stripe: LoopbackStripe;
let provider: PaymentProvider;
const route = 'POST /v1/checkout/sessions';
/** A long timeout, so that a slow machine is not taken for a silent Stripe. */
const newProvider = (timeoutMs = 10_000): PaymentProvider => {
  const { secretKey, webhookSecret, url: apiBase } = stripe;
  return createStripeProvider({ secretKey, webhookSecret, apiBase, timeoutMs, readMark });
};

beforeEach(async () => {
  stripe = await new LoopbackStripe().listen();
  provider = newProvider();
  return () => stripe.close();
});

const request = (changes: Partial<CheckoutRequest> = {}): CheckoutRequest => ({
  orderId: 'ord_one',
  orderCode: 1,
  amount: 1250,
  currency: 'EUR',
  description: 'A shoe, 42',
  expiresAt: Date.now() + 10 * minuteMs,
  successUrl: 'https://shop.example/o/ord_one?from=paid',
  cancelUrl: 'https://shop.example/o/ord_one?from=cancelled',
  now: Date.now(),
  opened: 0,
  ...changes,
});

describe('a checkout', () => {
  test('is requested with the order, its amount and its expiry', async () => {
    const asked = request();
    const { reference, url } = await provider.checkout(asked);
    expect(stripe.sessions.get(reference)).toMatchObject({
      url,
      amount_total: 1250,
      currency: 'eur',
      client_reference_id: 'ord_one',
      success_url: asked.successUrl,
      cancel_url: asked.cancelUrl,
    });
  });

  test('expires with the hold where Stripe allows it', async () => {
    const expiresAt = Math.ceil((Date.now() + 60 * minuteMs) / minuteMs) * minuteMs;
    expect(await provider.checkout(request({ expiresAt }))).toMatchObject({ expiresAt });
  });

  test.each([
    ['at Stripe’s earliest time, where the hold is shorter', 1, 31 * minuteMs],
    ['before Stripe’s latest time, where the hold is longer', 2 * dayMs, dayMs - minuteMs],
  ])('expires %s', async (_, holdMs, sessionMs) => {
    const now = Date.now();
    const { expiresAt } = await provider.checkout(request({ expiresAt: now + holdMs, now }));
    expect(expiresAt - now).toBeGreaterThan(sessionMs - 2 * minuteMs);
    expect(expiresAt - now).toBeLessThanOrEqual(sessionMs + minuteMs);
  });

  test('requested twice is one', async () => {
    const [one, two] = await Promise.all([provider.checkout(request()), provider.checkout(request())]);
    expect(one).toEqual(two);
    expect(stripe.sessions.size).toBe(1);
  });

  test('is the same one after a lost answer', async () => {
    stripe.fail(route, { kind: 'lost' });
    await expect(provider.checkout(request())).rejects.toMatchObject({ code: 'no_answer' });
    await provider.checkout(request());
    expect(stripe.sessions.size).toBe(1);
  });

  test.each<[Fault, string]>([
    [{ kind: 'status', status: 500 }, 'StripeAPIError'],
    [{ kind: 'status', status: 429 }, 'rate_limit'],
    [{ kind: 'unreadable' }, 'StripeAPIError'],
    [{ kind: 'closed' }, 'no_answer'],
    [{ kind: 'silent' }, 'no_answer'],
    [{ kind: 'slow', delayMs: 600 }, 'no_answer'],
  ])('that meets %j is an error with the word %s', async (fault, code) => {
    stripe.fail(route, fault);
    const impatient = newProvider(['silent', 'slow'].includes(fault.kind) ? 200 : undefined);
    await expect(impatient.checkout(request())).rejects.toMatchObject({ name: 'ProviderError', code });
  });

  test('uses a new key after an error that Stripe replays', async () => {
    const long = request({ expiresAt: Date.now() + 2 * dayMs });
    stripe.fail(route, { kind: 'status', status: 500 });
    await expect(provider.checkout(long)).rejects.toMatchObject({ code: 'StripeAPIError' });
    await expect(Promise.all([provider.checkout(long), provider.checkout(long)])).resolves.toHaveLength(2);
    expect(stripe.sessions.size).toBe(1);
  });

  test('uses a new key immediately where another process got the error that Stripe replays', async () => {
    const long = request({ expiresAt: Date.now() + 2 * dayMs });
    stripe.fail(route, { kind: 'status', status: 500 });
    await expect(provider.checkout(long)).rejects.toMatchObject({ code: 'StripeAPIError' });
    await newProvider().checkout(long);
    expect(stripe.sessions.size).toBe(1);
  });

  test('uses a new key where the title has changed since an answer was lost', async () => {
    stripe.fail(route, { kind: 'lost' });
    await expect(provider.checkout(request())).rejects.toMatchObject({ code: 'no_answer' });
    const { url } = await provider.checkout(request({ description: 'Another title' }));
    expect(url).toContain(stripe.url);
  });

  test('uses a new key while the same request is in flight', async () => {
    stripe.fail(route, { kind: 'slow', delayMs: 150 });
    const [one, two] = await Promise.all([provider.checkout(request()), provider.checkout(request())]);
    expect([one.url, two.url].every((url) => url.startsWith(stripe.url))).toBe(true);
  });

  test('keeps its key after an answer that Stripe does not replay', async () => {
    stripe.fail(route, { kind: 'status', status: 429 });
    await expect(provider.checkout(request())).rejects.toMatchObject({ code: 'rate_limit' });
    const [one, two] = [await provider.checkout(request()), await provider.checkout(request())];
    expect(one).toEqual(two);
  });

  test('is a new one after one that has ended', async () => {
    const one = await provider.checkout(request());
    const two = await provider.checkout(request({ opened: 1 }));
    expect(two.reference).not.toBe(one.reference);
  });

  test('can be closed repeatedly, and after its payment', async () => {
    const { reference } = await provider.checkout(request());
    await provider.closeCheckout(reference);
    expect(stripe.sessions.get(reference)?.status).toBe('expired');
    await provider.closeCheckout(reference);
    expect(await provider.queryCheckout(reference)).toEqual({ isFinal: true, events: [] });
  });

  test('unknown to Stripe is a distinct error', async () => {
    await expect(provider.queryCheckout('cs_none')).rejects.toMatchObject({ code: CHECKOUT_UNKNOWN });
  });

  test('whose slow payment has failed is final, with the same event as its webhook', async () => {
    const { reference } = await provider.checkout(request());
    await stripe.payLater(reference);
    expect(await provider.queryCheckout(reference)).toEqual({ isFinal: false, events: [] });
    const { body, headers } = await stripe.failLater(reference);
    const intent = stripe.sessions.get(reference)?.payment_intent;
    expect(await provider.queryCheckout(reference)).toMatchObject({
      isFinal: true,
      events: [{ eventId: `lookup:declined:${intent}`, reference: intent, status: 'declined' }],
    });
    expect(await provider.readWebhook(body, new Headers(headers), Date.now())).toMatchObject({
      event: { reference: intent, status: 'declined', endedCheckout: reference },
    });
  });

  test('reports its state', async () => {
    const { reference } = await provider.checkout(request());
    expect(await provider.queryCheckout(reference)).toEqual({ isFinal: false, events: [] });
    await stripe.pay(reference);
    const paid = stripe.sessions.get(reference)?.payment_intent;
    expect(await provider.queryCheckout(reference)).toEqual({
      isFinal: true,
      events: [
        {
          eventId: `lookup:${paid}`,
          reference: paid,
          order: { id: 'ord_one' },
          checkout: reference,
          mark: 'own',
          status: 'paid',
          amount: 1250,
          currency: 'EUR',
        },
      ],
    });
  });
});

describe('a webhook', () => {
  const read = ({ body, headers }: { body: string; headers: Record<string, string> }) =>
    provider.readWebhook(body, new Headers(headers), Date.now());
  const paid = async (): Promise<{ body: string; headers: Record<string, string> }> =>
    stripe.pay((await provider.checkout(request())).reference);

  test('of a payment is an event', async () => {
    expect(await read(await paid())).toMatchObject({
      kind: 'event',
      event: { order: { id: 'ord_one' }, status: 'paid', amount: 1250, currency: 'EUR' },
    });
  });

  test('of another currency is read unchanged', async () => {
    const { reference } = await provider.checkout(request());
    expect(await read(await stripe.pay(reference, { currency: 'usd' }))).toMatchObject({
      event: { currency: 'USD' },
    });
  });

  test('of a payment that failed later is a decline', async () => {
    const { reference } = await provider.checkout(request());
    const type = 'checkout.session.async_payment_failed';
    expect(await read(await stripe.pay(reference, { type }))).toMatchObject({
      event: { status: 'declined' },
    });
  });

  test.each([
    [
      'a session that is complete and not paid yet',
      'checkout.session.completed',
      { payment_status: 'unpaid' },
    ],
    ['a session of another shop', 'checkout.session.completed', { payment_status: 'paid', metadata: {} }],
  ])('of %s is ignored', async (_, type, object) => {
    expect(await read(await stripe.event(type, object))).toEqual({ kind: 'ignored' });
  });

  test('without a signature is refused', async () => {
    const { body } = await paid();
    expect(await read({ body, headers: {} })).toEqual({ kind: 'bad_signature' });
  });

  test.each([
    ['with another secret', 'whsec_other', 0],
    ['from an hour ago', 'whsec_loopback', 3_600],
    ['from 301 seconds ago', 'whsec_loopback', 301],
    ['from tomorrow', 'whsec_loopback', -86_400],
  ])('with a signature %s is refused', async (_, secret, ageSeconds) => {
    const { body } = await paid();
    expect(await read(await signedByStripe(body, secret, ageSeconds))).toEqual({ kind: 'bad_signature' });
  });

  // The SDK uses the last time in the header.
  test('that was signed for a future time is refused, whatever other time the header has', async () => {
    const { body } = await paid();
    const { headers } = await signedByStripe(body, stripe.webhookSecret, -86_400);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const doubled = `t=${nowSeconds},${headers['stripe-signature']}`;
    expect(await read({ body, headers: { 'stripe-signature': doubled } })).toEqual({ kind: 'bad_signature' });
  });

  test('that was modified is refused', async () => {
    const { body, headers } = await paid();
    expect(await read({ body: JSON.stringify(JSON.parse(body)), headers })).toEqual({
      kind: 'bad_signature',
    });
  });
});
