/** Valid and invalid webhooks of payOS: which are accepted, refused and acknowledged. */
import { PayOS } from '@payos/node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PaymentProvider } from '../../../src/payments/provider.ts';
import { LoopbackPayos, vietnamTime } from '../../support/loopback-payos.ts';
import { orderCode, payosCheckout, payosProvider } from '../../support/payos-provider.ts';
import type { Delivery } from '../../support/stripe-signature.ts';

const dayMs = 24 * 3_600_000;
let payos: LoopbackPayos;
let provider: PaymentProvider;

beforeEach(async () => {
  payos = await new LoopbackPayos().listen();
  provider = payosProvider(payos);
});
afterEach(() => payos.close());

describe('a webhook', () => {
  const read = ({ body }: Delivery) => provider.readWebhook(body, new Headers(), Date.now());
  const paid = async (changes = {}): Promise<Delivery> => {
    await provider.checkout(payosCheckout());
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

  // payOS signs `key=value&key=value` without escaping: a value's text can imitate another field.
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
  ])('with %s is refused, though the signature matches', async (_, reported, change) => {
    const { body } = await paid(reported);
    const { data, signature } = JSON.parse(body);
    change(data);
    const sdk = new PayOS(payos);
    expect(await sdk.crypto.createSignatureFromObj(data, payos.checksumKey)).toBe(signature);
    expect(await read({ body: JSON.stringify({ data, signature }), headers: {} })).toEqual({
      kind: 'bad_signature',
    });
  });

  // payOS signs null, "null" and "undefined" as an empty text, and a number as its digits.
  test.each<[field: string, reported: Record<string, unknown>, value: unknown]>([
    ['orderCode', {}, String(orderCode)],
    ['amount', {}, '250000'],
    ['reference', { reference: '4711' }, 4711],
    ['reference', { reference: '' }, 'null'],
    ['reference', { reference: '' }, 'undefined'],
    ['transactionDateTime', { transactionDateTime: '2026' }, 2026],
    ['paymentLinkId', { paymentLinkId: '7' }, 7],
    ['paymentLinkId', { paymentLinkId: '' }, null],
    ['description', { description: '' }, null],
    ['description', { description: '' }, 'undefined'],
    ['description', { description: '12' }, 12],
    ['code', { code: 'true' }, true],
    ['code', { code: '' }, 'null'],
    ['currency', { currency: '' }, null],
  ])('whose %s was %j and now has another type is refused', async (field, reported, value) => {
    const { data, signature } = JSON.parse((await paid(reported)).body);
    Object.assign(data, { [field]: value });
    const sdk = new PayOS(payos);
    expect(await sdk.crypto.createSignatureFromObj(data, payos.checksumKey)).toBe(signature);
    expect(await read({ body: JSON.stringify({ data, signature }), headers: {} })).toEqual({
      kind: 'malformed',
    });
  });

  test.each([null, '', 'null'])(
    'whose account is %j, from a bank that names none, is accepted',
    async (empty) => {
      const account = { counterAccountBankId: empty, counterAccountName: empty, counterAccountNumber: empty };
      const { body, headers } = await paid(account);
      expect(await read({ body, headers })).toMatchObject({ kind: 'event', event: { amount: 250_000 } });
    },
  );

  test('of a company with & in its name is accepted: no part of the name is read as a field', async () => {
    const counterAccountName = 'SMITH & SONS = CO';
    expect(await read(await paid({ counterAccountName }))).toMatchObject({ kind: 'event' });
  });

  test.each([
    ['from tomorrow', dayMs],
    ['from eight days ago', -8 * dayMs],
  ])('%s is refused', async (_, offsetMs) => {
    const transactionDateTime = vietnamTime(Date.now() + offsetMs);
    expect(await read(await paid({ transactionDateTime }))).toEqual({ kind: 'bad_signature' });
  });

  test('for the registration of the URL is ignored', async () => {
    expect(await read(await paid({ orderCode: 123 }))).toEqual({ kind: 'ignored' });
    // The example of payOS's documentation, with its key and its signature:
    // payos.vn/docs/tich-hop-webhook.
    const checksumKey = '1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675';
    provider = payosProvider(payos, { checksumKey });
    const empty = ['BankId', 'BankName', 'Name', 'Number'].map((field) => [`counterAccount${field}`, '']);
    const data = {
      orderCode: 123,
      amount: 3000,
      description: 'VQRIO123',
      accountNumber: '12345678',
      reference: 'TF230204212323',
      transactionDateTime: '2023-02-04 18:25:00',
      currency: 'VND',
      paymentLinkId: '124c33293c43417ab7879e14c8d9eb18',
      code: '00',
      desc: 'Thành công',
      ...Object.fromEntries(empty),
      virtualAccountName: '',
      virtualAccountNumber: '',
    };
    const signature = '412e915d2871504ed31be63c8f62a149a4410d34c4c42affc9006ef9917eaa03';
    const body = JSON.stringify({ code: '00', desc: 'success', success: true, data, signature });
    expect(await read({ body, headers: {} })).toEqual({ kind: 'ignored' });
  });

  test.each([
    ['a trial', { orderCode: 123 }],
    ['a failure', { code: '01', reference: '' }],
  ])('of %s is acknowledged, whatever else it contains', async (_, reported) => {
    const { body, headers } = await payos.webhook(reported as never);
    expect(await read({ body, headers })).toEqual({ kind: 'ignored' });
  });

  test('without JSON is malformed', async () => {
    expect(await read({ body: '{', headers: {} })).toEqual({ kind: 'malformed' });
  });
});
