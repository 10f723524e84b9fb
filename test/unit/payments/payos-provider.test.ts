/** The payOS provider through its SDK against a loopback server: links and look-ups. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECKOUT_UNKNOWN, type PaymentProvider } from '../../../src/payments/provider.ts';
import { type LoopbackLink, LoopbackPayos } from '../../support/loopback-payos.ts';
import { orderCode, payosCheckout, payosProvider } from '../../support/payos-provider.ts';

let payos: LoopbackPayos;
let provider: PaymentProvider;

beforeEach(async () => {
  payos = await new LoopbackPayos().listen();
  provider = payosProvider(payos);
});
afterEach(() => payos.close());

describe('a checkout', () => {
  test('is requested with the order, its amount and its expiry', async () => {
    const asked = payosCheckout();
    expect(await provider.checkout(asked)).toMatchObject({ reference: String(orderCode) });
    expect(payos.links.get(orderCode)).toMatchObject({
      amount: 250_000,
      expiredAt: Math.floor(asked.expiresAt / 1000),
      returnUrl: asked.successUrl,
      cancelUrl: asked.cancelUrl,
    });
  });

  test('is in VND, within the limits of a bank transfer', () => {
    expect(provider.bounds('VND')).toEqual({ min: 2_000, max: 499_999_999, multipleOf: 1 });
    expect(provider.bounds('EUR')).toBeNull();
  });

  test('is the same one when requested again, also after a lost answer', async () => {
    payos.fail('POST /v2/payment-requests', { kind: 'lost' });
    await expect(provider.checkout(payosCheckout())).rejects.toMatchObject({ code: 'no_answer' });
    const { url } = await provider.checkout(payosCheckout());
    expect(url).toBe(`https://pay.payos.vn/web/${payos.links.get(orderCode)?.id}`);
    expect(payos.links.size).toBe(1);
  });

  test('that another shop of the account has opened with this number is not shown to a buyer', async () => {
    await provider.checkout({ ...payosCheckout(), amount: 1 });
    await expect(provider.checkout(payosCheckout())).rejects.toMatchObject({ code: 'order_code_taken' });
  });

  test.each<[LoopbackLink['status'], boolean]>([
    ['PENDING', false],
    ['PROCESSING', false],
    ['UNDERPAID', false],
    ['PAID', true],
    ['CANCELLED', true],
    ['EXPIRED', true],
    ['FAILED', true],
  ])('in the state %s is final: %s', async (status, isFinal) => {
    const { reference } = await provider.checkout(payosCheckout());
    Object.assign(payos.links.get(orderCode) ?? {}, { status });
    expect(await provider.queryCheckout(reference)).toEqual({ isFinal, events: [] });
    const isDead = isFinal && status !== 'PAID';
    const again = provider.checkout(payosCheckout()).then(
      ({ url }) => url,
      (error: { code: string }) => error.code,
    );
    expect(await again).toMatch(isDead ? `link_${status.toLowerCase()}` : /^https:/);
  });

  test('unknown to payOS is a distinct error', async () => {
    await provider.closeCheckout('7');
    await expect(provider.queryCheckout('7')).rejects.toMatchObject({ code: CHECKOUT_UNKNOWN });
  });

  test('can be closed repeatedly', async () => {
    const { reference } = await provider.checkout(payosCheckout());
    await provider.closeCheckout(reference);
    await provider.closeCheckout(reference);
    expect(await provider.queryCheckout(reference)).toEqual({ isFinal: true, events: [] });
  });

  test('reports the same money as the webhook', async () => {
    const { reference } = await provider.checkout(payosCheckout());
    expect(await provider.queryCheckout(reference)).toEqual({ isFinal: false, events: [] });
    const delivery = await payos.pay(orderCode);
    const read = await provider.readWebhook(delivery.body, new Headers(), Date.now());
    expect(read).toMatchObject({
      kind: 'event',
      event: { order: { code: orderCode }, status: 'paid', amount: 250_000, currency: 'VND' },
    });
    expect(await provider.queryCheckout(reference)).toEqual({
      isFinal: true,
      events: [read.kind === 'event' && read.event],
    });
  });
});

test('a transfer that cannot be read does not hide the others of its link', async () => {
  const { reference } = await provider.checkout(payosCheckout());
  await payos.pay(orderCode);
  await payos.pay(orderCode);
  const [spoiled, sound] = payos.links.get(orderCode)?.transactions ?? [];
  if (!spoiled || !sound) throw new Error('The link has no transfers.');
  spoiled.reference = '';
  const { hasUnreadable, events } = await provider.queryCheckout(reference);
  expect([hasUnreadable, events.map((event) => event.reference)]).toEqual([
    true,
    [`${orderCode}:${sound.reference}`],
  ]);
});
