/** Refunds at Stripe through its SDK against a loopback server: once, under every fault. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PaymentProvider, RefundRequest } from '../../../src/payments/provider.ts';
import { createStripeProvider } from '../../../src/payments/stripe.ts';
import { readMark } from '../../support/deployment-mark.ts';
import type { Answered, Fault } from '../../support/loopback-provider.ts';
import { LoopbackStripe } from '../../support/loopback-stripe.ts';

const sent = { kind: 'sent', reference: expect.any(String) };

const route = 'POST /v1/refunds';
const broken: Fault = { kind: 'status', status: 500 };
let stripe: LoopbackStripe;
let provider: PaymentProvider;

/** A long timeout, so that a slow machine is not taken for a silent Stripe. */
const newProvider = ({ secretKey = stripe.secretKey, timeoutMs = 10_000 } = {}): PaymentProvider => {
  const { webhookSecret, url: apiBase } = stripe;
  return createStripeProvider({ secretKey, webhookSecret, apiBase, timeoutMs, readMark });
};
beforeEach(async () => {
  stripe = await new LoopbackStripe().listen();
  // A second refund must show in the ledger: Stripe accepts partial ones.
  stripe.takesEveryRefund = true;
  stripe.payments.set('pi_one', { id: 'pi_one', order: 'ord', amount: 2500, currency: 'eur', refunds: 0 });
  provider = newProvider();
});
afterEach(() => stripe.close());

const first: RefundRequest = {
  id: 'rfd_one',
  key: 'rfd_one',
  reference: 'pi_one',
  amount: 1250,
  currency: 'EUR',
  isRepeated: false,
  isKeyUsed: false,
};
const sameKey: RefundRequest = { ...first, isRepeated: true, isKeyUsed: true };
const newKey: RefundRequest = { ...first, key: 'rfd_one.1', isRepeated: true };
const ours = () => stripe.refunds.filter(({ metadata }) => metadata.stampede_refund === 'rfd_one');
const timesAsked = () => stripe.asked.filter((asked) => asked === route).length;
const outside = (changes = {}) =>
  stripe.refunds.push({
    id: `re_${stripe.refunds.length}`,
    object: 'refund',
    status: 'succeeded',
    amount: 1250,
    currency: 'eur',
    payment_intent: 'pi_one',
    metadata: {},
    ...changes,
  });

test('is made once, however often it is requested', async () => {
  for (const request of [first, first, sameKey, newKey]) {
    expect(await provider.refund(request)).toEqual(sent);
  }
  expect(ours()).toHaveLength(1);
});

describe('with a lost answer', () => {
  test.each<Fault>([{ kind: 'lost' }, { kind: 'silent' }])(
    'is found by the next attempt: %j',
    async (fault) => {
      stripe.fail(route, fault);
      // Long enough for the request to arrive from a slow machine.
      const impatient = newProvider(fault.kind === 'silent' ? { timeoutMs: 3_000 } : {});
      expect(await impatient.refund(first)).toEqual({ kind: 'retry', code: 'no_answer', isKeySpent: false });
      expect(await provider.refund(sameKey)).toEqual(sent);
      expect(timesAsked()).toBe(1);
      expect(ours()).toHaveLength(1);
    },
  );

  test('repeats its key, because the request may arrive later', async () => {
    stripe.fail(route, { kind: 'late' });
    expect(await provider.refund(first)).toEqual({ kind: 'retry', code: 'no_answer', isKeySpent: false });
    expect(await provider.refund(sameKey)).toEqual(sent);
    await stripe.land();
    expect(ours()).toHaveLength(1);
  });
});

describe('that Stripe answers with an error which it replays', () => {
  test.each<Fault>([broken, { kind: 'unreadable' }])('uses a new key: %j', async (fault) => {
    stripe.fail(route, fault);
    expect(await provider.refund(first)).toMatchObject({ kind: 'retry', isKeySpent: true });
    // The same key gets the same answer for a day.
    expect(await provider.refund(sameKey)).toMatchObject({ kind: 'retry' });
    expect(ours()).toEqual([]);
    expect(await provider.refund(newKey)).toEqual(sent);
    expect(ours()).toHaveLength(1);
  });

  test('is not made again where the error hid that it took effect', async () => {
    stripe.fail(route, { kind: 'status', status: 500, takesEffect: true });
    expect(await provider.refund(first)).toMatchObject({ kind: 'retry', isKeySpent: true });
    expect(await provider.refund(newKey)).toEqual(sent);
    expect(timesAsked()).toBe(1);
    expect(ours()).toHaveLength(1);
  });

  test('keeps its key where an earlier request may arrive and something else than Stripe answered', async () => {
    stripe.fail(route, { kind: 'late' }, { kind: 'unreadable' });
    await provider.refund(first);
    expect(await provider.refund(sameKey)).toMatchObject({ kind: 'retry', isKeySpent: false });
  });

  test('uses a new key once Stripe replays an unreadable answer, also if an earlier request may arrive', async () => {
    stripe.fail(route, { kind: 'late' }, { kind: 'unreadable' });
    await provider.refund(first);
    await provider.refund(sameKey);
    expect(await provider.refund(sameKey)).toMatchObject({ kind: 'retry', isKeySpent: true });
    expect(await provider.refund(newKey)).toEqual(sent);
    await stripe.land();
    expect(ours()).toHaveLength(1);
  });

  test.each([null, [], {}, 7, { id: 're_1' }, { error: null }, { error: {} }, { error: 'no' }])(
    'uses a new key once Stripe replays %j',
    async (json) => {
      stripe.fail(route, { kind: 'late' }, { kind: 'answer', answer: { status: 502, json } });
      await provider.refund(first);
      await provider.refund(sameKey);
      expect(await provider.refund(sameKey)).toMatchObject({ kind: 'retry', isKeySpent: true });
      expect(await provider.refund(newKey)).toEqual(sent);
      expect(ours()).toHaveLength(1);
    },
  );

  test('keeps its key where only the look-up failed', async () => {
    stripe.fail(route, { kind: 'closed' });
    stripe.fail('GET /v1/refunds', broken);
    await provider.refund(first);
    expect(await provider.refund(sameKey)).toEqual({
      kind: 'retry',
      code: 'StripeAPIError',
      isKeySpent: false,
    });
  });
});

describe('is found by its own id alone', () => {
  test('and not taken for one of the same amount that was made in the dashboard', async () => {
    stripe.fail(route, broken);
    await provider.refund(first);
    outside();
    expect(await provider.refund(newKey)).toEqual(sent);
    expect(ours()).toHaveLength(1);
  });

  test('on whichever page of the list it is', async () => {
    await provider.refund(first);
    for (let n = 0; n < 250; n += 1) outside({ amount: 1 });
    expect(await provider.refund(newKey)).toEqual(sent);
    expect(ours()).toHaveLength(1);
  });
});

describe('that failed after Stripe had accepted it', () => {
  const failed = { status: 'failed', metadata: { stampede_refund: 'rfd_one' } };

  test('needs an operator while the same key would replay the earlier answer', async () => {
    outside(failed);
    expect(await provider.refund(sameKey)).toEqual({
      kind: 'rejected',
      code: 'refund_failed',
      isKeySpent: true,
    });
    expect(timesAsked()).toBe(0);
  });

  test('is made again with a new key', async () => {
    outside(failed);
    expect(await provider.refund(newKey)).toEqual(sent);
    expect(ours()).toHaveLength(2);
  });
});

test('with an API key that Stripe rejects keeps its idempotency key, and is retried', async () => {
  const code = 'StripeAuthenticationError';
  const answer = await newProvider({ secretKey: 'sk_test_another' }).refund(first);
  expect(answer).toEqual({ kind: 'retry', code, isKeySpent: false });
});

test('whose key belongs to a request with other parameters uses a new key', async () => {
  await provider.refund({ ...first, id: 'rfd_other', amount: 1 });
  expect(await provider.refund(first)).toMatchObject({ kind: 'retry', isKeySpent: true });
});

/** The errors that Stripe documents (docs.stripe.com/api/errors and /error-codes). */
describe('after the documented error', () => {
  const error = (status: number, type: string, code?: string): Answered => ({
    status,
    json: { error: { type, code, message: 'no' } },
  });
  test.each<[Answered, string, boolean]>([
    [error(400, 'invalid_request_error', 'charge_disputed'), 'rejected', true],
    [error(404, 'invalid_request_error', 'resource_missing'), 'rejected', true],
    [error(400, 'invalid_request_error', 'balance_insufficient'), 'retry', true],
    [error(400, 'idempotency_error'), 'retry', true],
    [error(401, 'invalid_request_error'), 'retry', false],
    [error(402, 'card_error', 'card_declined'), 'retry', true],
    [error(403, 'invalid_request_error'), 'retry', false],
    [error(409, 'invalid_request_error', 'idempotency_key_in_use'), 'retry', false],
    [error(424, 'api_error'), 'retry', true],
    [error(429, 'invalid_request_error', 'rate_limit'), 'retry', false],
    [error(429, 'invalid_request_error', 'lock_timeout'), 'retry', false],
    [error(400, 'invalid_request_error', 'lock_timeout'), 'retry', false],
    [error(500, 'api_error'), 'retry', true],
    [error(502, 'api_error'), 'retry', true],
    [error(503, 'api_error'), 'retry', true],
    [error(504, 'api_error'), 'retry', true],
  ])('%j: %s, and the key is spent: %s', async (answer, kind, isKeySpent) => {
    stripe.fail(route, { kind: 'answer', answer });
    expect(await provider.refund(first)).toMatchObject({ kind, isKeySpent });
  });

  describe('charge_already_refunded the money is back', () => {
    const ask = (request = first) => {
      const answer = error(400, 'invalid_request_error', 'charge_already_refunded');
      stripe.fail(route, { kind: 'answer', answer });
      return provider.refund(request);
    };

    test('by the refund of this amount that was made in the dashboard', async () => {
      outside({ id: 're_lost', status: 'failed' });
      outside({ id: 're_whole' });
      outside({ id: 're_part', amount: 1 });
      outside({ id: 're_other', metadata: { stampede_refund: 'rfd_other' } });
      expect(await ask()).toEqual({ kind: 'sent', reference: 're_whole' });
    });

    test('by this very refund, which another amount would not hide', async () => {
      outside({ id: 're_own', amount: 1, metadata: { stampede_refund: 'rfd_one' } });
      outside({ id: 're_whole' });
      expect(await ask()).toEqual({ kind: 'sent', reference: 're_own' });
    });

    test('in parts, without an id of its own', async () => {
      for (const amount of [500, 750]) outside({ amount });
      expect(await ask()).toEqual({ kind: 'sent' });
    });

    test('and is tried again where the look-up fails', async () => {
      stripe.fail('GET /v1/refunds', broken);
      expect(await ask()).toEqual({ kind: 'retry', code: 'StripeAPIError', isKeySpent: true });
    });
  });
});
