/** Comparisons of secrets take constant time: one that ends early reveals how much is right. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { PayOS } from '@payos/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { csrfHeader, tokenHash } from '../../../src/http/admin-auth.ts';
import { createPayosProvider } from '../../../src/payments/payos.ts';
import type { PaymentProvider } from '../../../src/payments/provider.ts';
import { createStripeProvider } from '../../../src/payments/stripe.ts';
import { chiefToken, openShopInProcess, type ShopInProcess } from '../../security/shop-in-process.ts';
import { origin } from '../../support/app-deps.ts';
import { readMark } from '../../support/deployment-mark.ts';
import { signedByStripe } from '../../support/stripe-signature.ts';
import { ids } from '../../support/threaded-store.ts';

// A spy instead of a module mock: the providers' SDKs import the module themselves.
const compare = vi.spyOn(crypto, 'timingSafeEqual');
syncBuiltinESMExports();
afterAll(() => {
  compare.mockRestore();
  syncBuiltinESMExports();
});
beforeEach(() => void compare.mockClear());

const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
const comparisonsOf = (given: string | Uint8Array): number =>
  compare.mock.calls.filter((sides) => sides.some((side) => bytesOf(side).equals(Buffer.from(given)))).length;

/** As long as the right one, and wrong at its end only. */
const spoiled = (secret: string): string => `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;

const apiBase = null;
const timeoutMs = 200;
const payosKeys = { clientId: 'client', apiKey: 'api-key', checksumKey: 'checksum-key' };
const stripeSecret = 'whsec_loopback';

let shop: ShopInProcess;
beforeAll(async () => {
  shop = await openShopInProcess();
});
afterAll(() => shop.close());

const send = (path: string, headers: Record<string, string>, body?: URLSearchParams | string) =>
  shop.fetch(new Request(origin + path, { headers, ...(body !== undefined && { method: 'POST', body }) }));
const ask = async (...request: Parameters<typeof send>): Promise<number> => (await send(...request)).status;

/** The cookie of a session, and the CSRF token of its forms. */
async function signIn(): Promise<{ cookie: string; csrf: string }> {
  const answer = await send('/admin/sign-in', {}, new URLSearchParams({ token: chiefToken }));
  const [cookie = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? [];
  return { cookie, csrf: ids.seal('csrf', cookie.replace('session=', '')) };
}

const isTakenBy = async (
  provider: PaymentProvider,
  body: string,
  headers: Record<string, string>,
): Promise<boolean> => {
  const { kind } = await provider.readWebhook(body, new Headers(headers), Date.now());
  return kind !== 'bad_signature';
};

interface Check {
  what: string;
  /** The right secret, a way to try one, and the value that must be compared. */
  open(): Promise<{
    secret: string;
    compared?: (secret: string) => string | Uint8Array;
    isTaken: (secret: string) => Promise<boolean>;
  }>;
}

const checks: readonly Check[] = [
  {
    what: 'the token of an order',
    open: async () => ({
      secret: ids.orderToken(shop.orderId),
      isTaken: async (token) =>
        (await ask(`/orders/${shop.orderId}`, { authorization: `Bearer ${token}` })) === 200,
    }),
  },
  {
    what: 'the token of an order in a cookie',
    open: async () => ({
      secret: ids.orderToken(shop.orderId),
      // Strangers see a page too, without a cancel form.
      isTaken: async (token) =>
        (await (await send(`/o/${shop.orderId}`, { cookie: `order=${token}` })).text()).includes('/cancel'),
    }),
  },
  {
    what: 'the token of the chief operator',
    open: async () => ({
      secret: chiefToken,
      compared: tokenHash,
      isTaken: async (token) => (await ask('/admin/drops', { authorization: `Bearer ${token}` })) === 200,
    }),
  },
  {
    what: 'the operator token at the sign-in',
    open: async () => ({
      secret: chiefToken,
      compared: tokenHash,
      isTaken: async (token) => (await ask('/admin/sign-in', {}, new URLSearchParams({ token }))) === 303,
    }),
  },
  {
    what: 'the seal of a session',
    open: async () => ({
      secret: (await signIn()).cookie,
      compared: (cookie) => cookie.split('.').at(-1) ?? '',
      isTaken: async (cookie) => (await ask('/admin', { cookie })) === 200,
    }),
  },
  {
    what: 'the CSRF token of a form',
    open: async () => {
      const { cookie, csrf } = await signIn();
      const isTaken = async (given: string) =>
        (await ask('/admin/sign-out', { cookie }, new URLSearchParams({ csrf: given }))) === 303;
      return { secret: csrf, isTaken };
    },
  },
  {
    what: 'the CSRF token of a script',
    open: async () => {
      const { cookie, csrf } = await signIn();
      const isTaken = async (given: string) =>
        (await ask(
          `/admin/orders/${shop.orderId}/cancel`,
          { cookie, [csrfHeader]: given, 'content-type': 'application/json' },
          '{}',
        )) !== 403;
      return { secret: csrf, isTaken };
    },
  },
  {
    what: 'the signature of payOS',
    open: async () => {
      const provider = createPayosProvider({ ...payosKeys, apiBase, timeoutMs, readMark });
      // The code with which payOS checks a webhook address.
      const data = { orderCode: 123, amount: 1, reference: 'FT1', code: '00', currency: 'VND' };
      const more = { transactionDateTime: '2026-01-01 00:00:00', paymentLinkId: 'one' };
      const reported = { ...data, ...more };
      const secret = await new PayOS(payosKeys).crypto.createSignatureFromObj(
        reported,
        payosKeys.checksumKey,
      );
      const isTaken = (signature: string) =>
        isTakenBy(provider, JSON.stringify({ data: reported, signature }), {});
      return { secret: secret ?? '', isTaken };
    },
  },
  {
    what: 'the signature of Stripe',
    open: async () => {
      const provider = createStripeProvider({
        secretKey: 'sk_test_loopback',
        webhookSecret: stripeSecret,
        apiBase,
        timeoutMs,
        readMark,
      });
      const body = JSON.stringify({ id: 'evt_one', object: 'event', type: 'ping', data: { object: {} } });
      const { headers } = await signedByStripe(body, stripeSecret);
      return {
        secret: headers['stripe-signature'] ?? '',
        compared: (header) => header.split('v1=').at(-1) ?? '',
        isTaken: (header) => isTakenBy(provider, body, { 'stripe-signature': header }),
      };
    },
  },
];

describe.each(checks)('$what', ({ open }) => {
  test.each([
    { which: 'a right one', change: (secret: string) => secret, isRight: true },
    { which: 'one that is wrong at its end', change: spoiled, isRight: false },
  ])('$which is compared in constant time', async ({ change, isRight }) => {
    const { secret, compared = (text: string) => text, isTaken } = await open();
    const given = change(secret);
    compare.mockClear();
    expect(await isTaken(given)).toBe(isRight);
    expect(comparisonsOf(compared(given))).toBeGreaterThan(0);
  });
});
