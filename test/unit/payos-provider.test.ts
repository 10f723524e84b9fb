/** The payOS provider through its own SDK against a loopback server: links, and webhooks good and bad. */
import { PayOS } from '@payos/node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPayosProvider } from '../../src/payments/payos.ts';
import { CHECKOUT_UNKNOWN, type CheckoutRequest, type PaymentProvider } from '../../src/payments/provider.ts';
import { readMark } from '../support/deployment-mark.ts';
import { type LoopbackLink, LoopbackPayos, vietnamTime } from '../support/loopback-payos.ts';
import type { Delivery } from '../support/stripe-signature.ts';

const dayMs = 24 * 3_600_000;
const orderCode = 123_456_789_012_345;
let payos: LoopbackPayos;
let provider: PaymentProvider;

beforeEach(async () => {
  payos = await new LoopbackPayos().listen();
  const { clientId, apiKey, checksumKey, url: apiBase } = payos;
  provider = createPayosProvider({ clientId, apiKey, checksumKey, apiBase, timeoutMs: 10_000, readMark });
});
afterEach(() => payos.close());

const request = (): CheckoutRequest => ({
  orderId: 'ord_one',
  orderCode,
  amount: 250_000,
  currency: 'VND',
  description: 'A shoe, 42',
  expiresAt: Date.now() + 600_000,
  successUrl: 'https://shop.example/o/ord_one?from=paid',
  cancelUrl: 'https://shop.example/o/ord_one?from=cancelled',
  now: Date.now(),
  opened: 0,
});

describe('a checkout', () => {
  test('asks for the order, its money and its end', async () => {
    const asked = request();
    expect(await provider.checkout(asked)).toMatchObject({ reference: String(orderCode) });
    expect(payos.links.get(orderCode)).toMatchObject({
      amount: 250_000,
      expiredAt: Math.floor(asked.expiresAt / 1000),
      returnUrl: asked.successUrl,
      cancelUrl: asked.cancelUrl,
    });
  });

  test('is in dong, within what a bank transfer carries', () => {
    expect(provider.bounds('VND')).toEqual({ min: 2_000, max: 499_999_999, multipleOf: 1 });
    expect(provider.bounds('EUR')).toBeNull();
  });

  test('asked for again is the same one, also after an answer that was lost', async () => {
    payos.fail('POST /v2/payment-requests', { kind: 'lost' });
    await expect(provider.checkout(request())).rejects.toMatchObject({ code: 'no_answer' });
    const { url } = await provider.checkout(request());
    expect(url).toBe(`https://pay.payos.vn/web/${payos.links.get(orderCode)?.id}`);
    expect(payos.links.size).toBe(1);
  });

  test('that another shop of the account has opened with this number leads no buyer there', async () => {
    await provider.checkout({ ...request(), amount: 1 });
    await expect(provider.checkout(request())).rejects.toMatchObject({ code: 'order_code_taken' });
  });

  test.each<[LoopbackLink['status'], boolean]>([
    ['PENDING', false],
    ['PROCESSING', false],
    ['UNDERPAID', false],
    ['PAID', true],
    ['CANCELLED', true],
    ['EXPIRED', true],
    ['FAILED', true],
  ])('in the state %s has come to its end: %s', async (status, isFinal) => {
    const { reference } = await provider.checkout(request());
    Object.assign(payos.links.get(orderCode) ?? {}, { status });
    expect(await provider.lookUp(reference)).toEqual({ isFinal, events: [] });
    const isDead = isFinal && status !== 'PAID';
    const again = provider.checkout(request()).then(
      ({ url }) => url,
      (error: { code: string }) => error.code,
    );
    expect(await again).toMatch(isDead ? `link_${status.toLowerCase()}` : /^https:/);
  });

  test('that payOS does not know is an error of its own', async () => {
    await provider.closeCheckout('7');
    await expect(provider.lookUp('7')).rejects.toMatchObject({ code: CHECKOUT_UNKNOWN });
  });

  test('can be closed, and closed again', async () => {
    const { reference } = await provider.checkout(request());
    await provider.closeCheckout(reference);
    await provider.closeCheckout(reference);
    expect(await provider.lookUp(reference)).toEqual({ isFinal: true, events: [] });
  });

  test('tells of the same money as the webhook', async () => {
    const { reference } = await provider.checkout(request());
    expect(await provider.lookUp(reference)).toEqual({ isFinal: false, events: [] });
    const delivery = await payos.pay(orderCode);
    const read = await provider.readWebhook(delivery.body, new Headers(), Date.now());
    expect(read).toMatchObject({
      kind: 'event',
      event: { order: { code: orderCode }, status: 'paid', amount: 250_000, currency: 'VND' },
    });
    expect(await provider.lookUp(reference)).toEqual({
      isFinal: true,
      events: [read.kind === 'event' && read.event],
    });
  });
});

test('a transfer that cannot be read does not hide the others of its link', async () => {
  const { reference } = await provider.checkout(request());
  await payos.pay(orderCode);
  await payos.pay(orderCode);
  const [spoiled, sound] = payos.links.get(orderCode)?.transactions ?? [];
  if (!spoiled || !sound) throw new Error('The link has no transfers.');
  spoiled.reference = '';
  const { hasUnreadable, events } = await provider.lookUp(reference);
  expect([hasUnreadable, events.map((event) => event.reference)]).toEqual([
    true,
    [`${orderCode}:${sound.reference}`],
  ]);
});

describe('a webhook', () => {
  const read = ({ body }: Delivery) => provider.readWebhook(body, new Headers(), Date.now());
  const paid = async (changes = {}): Promise<Delivery> => {
    await provider.checkout(request());
    return payos.pay(orderCode, changes);
  };
  const changed = async (
    change: (message: { data: Record<string, unknown>; signature?: string }) => void,
  ) => {
    const { body, headers } = await paid();
    const message = JSON.parse(body);
    change(message);
    return read({ body: JSON.stringify(message), headers });
  };

  test.each<[string, Parameters<typeof changed>[0]]>([
    ['of another amount', ({ data }) => Object.assign(data, { amount: 1 })],
    ['of another currency', ({ data }) => Object.assign(data, { currency: 'USD' })],
    ['of another order', ({ data }) => Object.assign(data, { orderCode: 5 })],
    ['without a signature', (message) => delete message.signature],
    ['with another signature', (message) => Object.assign(message, { signature: '0'.repeat(64) })],
  ])('%s than was signed is refused', async (_, change) => {
    expect(await changed(change)).toEqual({ kind: 'bad_signature' });
  });

  test.each(['null', '{"amount":null}', '[null]', '{"toString":1}', '["a",1]', '{"nested":{"deep":[null]}}'])(
    'with the value %s in its data is refused, and nothing throws',
    async (text) => {
      const odd = JSON.parse(text);
      const logged = vi.spyOn(console, 'error');
      expect(await changed(({ data }) => Object.assign(data, { odd: [odd] }))).toEqual({
        kind: 'bad_signature',
      });
      expect(await changed((message) => Object.assign(message, { data: odd }))).toEqual({
        kind: 'bad_signature',
      });
      expect(logged).not.toHaveBeenCalled();
    },
  );

  // payOS signs `key=value&key=value` without escaping: where the text of a value can begin another field, both spell the same.
  test.each<[string, Record<string, unknown>, (data: Record<string, unknown>) => void]>([
    ['a value that holds a field', { counterAccountName: 'A&counterAccountNumber=999' }, () => undefined],
    [
      'a value that swallowed the fields after it',
      {},
      (data) => {
        Object.assign(data, { desc: `${data.desc}&description=${data.description}` });
        delete data.description;
      },
    ],
    [
      'a key that swallowed the start of its value',
      { description: 'a=b' },
      (data) => {
        delete data.description;
        Object.assign(data, { 'description=a': 'b' });
      },
    ],
    [
      'a key that swallowed the field before it',
      {},
      (data) => {
        const { desc, description } = data;
        delete data.desc;
        delete data.description;
        Object.assign(data, { [`desc=${desc}&description`]: description });
      },
    ],
  ])('with %s is refused, though the signature matches', async (_, told, change) => {
    const { body } = await paid(told);
    const { data, signature } = JSON.parse(body);
    change(data);
    const sdk = new PayOS(payos);
    expect(await sdk.crypto.createSignatureFromObj(data, payos.checksumKey)).toBe(signature);
    expect(await read({ body: JSON.stringify({ data, signature }), headers: {} })).toEqual({
      kind: 'bad_signature',
    });
  });

  test('of a company with & in its name is taken: no text of it can be read as a field', async () => {
    const counterAccountName = 'SMITH & SONS = CO';
    expect(await read(await paid({ counterAccountName }))).toMatchObject({ kind: 'event' });
  });

  test.each([
    ['of tomorrow', dayMs],
    ['of eight days ago', -8 * dayMs],
  ])('%s is refused', async (_, offsetMs) => {
    const transactionDateTime = vietnamTime(Date.now() + offsetMs);
    expect(await read(await paid({ transactionDateTime }))).toEqual({ kind: 'bad_signature' });
  });

  test('for the registration of the address is none of ours', async () => {
    expect(await read(await paid({ orderCode: 123 }))).toEqual({ kind: 'ignored' });
  });

  test('that is no JSON is malformed', async () => {
    expect(await read({ body: '{', headers: {} })).toEqual({ kind: 'malformed' });
  });
});
