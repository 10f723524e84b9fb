/** Refunds at payOS through its SDK against a loopback server: once, under every fault. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PaymentProvider, RefundRequest } from '../../../src/payments/provider.ts';
import { LoopbackPayos } from '../../support/loopback-payos.ts';
import type { Fault } from '../../support/loopback-provider.ts';
import { orderCode, payosCheckout, payosProvider } from '../../support/payos-provider.ts';

const sent = { kind: 'sent', reference: expect.any(String) };

const route = 'POST /v1/payouts';
let payos: LoopbackPayos;
let provider: PaymentProvider;

beforeEach(async () => {
  payos = await new LoopbackPayos().listen();
  provider = payosProvider(payos);
});
afterEach(() => payos.close());

/** The first attempt at a refund of a payment, and the later ones. */
async function attempts(payer?: string | null) {
  const { reference: link } = await provider.checkout(payosCheckout());
  await payos.pay(orderCode, { ...(payer !== undefined && { payer }) });
  const [event] = (await provider.queryCheckout(link)).events;
  const first: RefundRequest = {
    id: 'rfd_one',
    key: 'rfd_one',
    amount: 250_000,
    currency: 'VND',
    isRepeated: false,
    isKeyUsed: false,
    reference: event?.reference ?? '',
  };
  const sameKey: RefundRequest = { ...first, isRepeated: true, isKeyUsed: true };
  return { first, sameKey, newKey: { ...first, key: 'rfd_one.1', isRepeated: true } };
}
const made = (state: 'SUCCEEDED' | 'FAILED') => ({
  referenceId: 'rfd_one',
  amount: 250_000,
  toBin: '970415',
  toAccountNumber: '0011223344',
  state,
});

test('is a payout to the account that paid, once', async () => {
  const { first, sameKey, newKey } = await attempts();
  for (const request of [first, first, sameKey, newKey]) {
    expect(await provider.refund(request)).toEqual(sent);
  }
  expect(payos.payouts).toMatchObject([made('SUCCEEDED')]);
});

test('that payOS answers as failed is not sent, and the next attempt uses a new key', async () => {
  const { first, newKey } = await attempts();
  payos.payoutState = 'FAILED';
  expect(await provider.refund(first)).toEqual({ kind: 'rejected', code: 'payout_failed', isKeySpent: true });
  payos.payoutState = 'SUCCEEDED';
  expect(await provider.refund(newKey)).toEqual(sent);
});

test.each<Fault>([
  { kind: 'lost' },
  { kind: 'silent' },
  { kind: 'closed' },
  { kind: 'late' },
  { kind: 'status', status: 429 },
  { kind: 'slow', delayMs: 600 },
])('that meets %j repeats its key, and is paid once', async (fault) => {
  const { first, sameKey } = await attempts();
  payos.fail(route, fault);
  const timeoutMs = ['silent', 'slow'].includes(fault.kind) ? 200 : 10_000;
  const impatient = payosProvider(payos, { timeoutMs });
  expect(await impatient.refund(first)).toMatchObject({ kind: 'retry', isKeySpent: false });
  expect(await provider.refund(sameKey)).toEqual(sent);
  await payos.land();
  expect(payos.payouts).toHaveLength(1);
});

test.each<Fault>([
  { kind: 'status', status: 500 },
  { kind: 'status', status: 500, takesEffect: true },
  { kind: 'unreadable' },
])('that meets %j, which payOS replays, uses a new key and is paid once', async (fault) => {
  const { first, newKey } = await attempts();
  payos.fail(route, fault);
  expect(await provider.refund(first)).toMatchObject({ kind: 'retry', isKeySpent: true });
  expect(await provider.refund(newKey)).toEqual(sent);
  expect(payos.payouts).toHaveLength(1);
});

test('keeps its key where only a look-up failed', async () => {
  const { sameKey } = await attempts();
  payos.fail('GET /v1/payouts', { kind: 'status', status: 500 });
  expect(await provider.refund(sameKey)).toEqual({ kind: 'retry', code: '500', isKeySpent: false });
  expect(payos.payouts).toEqual([]);
});

describe('that failed after payOS had taken it', () => {
  test('needs an operator while the same key would replay the earlier answer', async () => {
    const { sameKey } = await attempts();
    payos.payouts.push(made('FAILED'));
    const answer = await provider.refund(sameKey);
    expect(answer).toEqual({ kind: 'rejected', code: 'payout_failed', isKeySpent: true });
    expect(payos.payouts).toHaveLength(1);
  });

  test('is made again with a new key, and then found behind those that failed', async () => {
    const { newKey } = await attempts();
    for (let n = 0; n < 150; n += 1) payos.payouts.push(made('FAILED'));
    for (let n = 0; n < 2; n += 1) expect(await provider.refund(newKey)).toEqual(sent);
    expect(payos.payouts.filter(({ state }) => state === 'SUCCEEDED')).toHaveLength(1);
  });
});

test('to an account that the bank did not name needs an operator', async () => {
  const { first } = await attempts(null);
  const answer = await provider.refund(first);
  expect(answer).toEqual({ kind: 'rejected', code: 'payer_account_unknown', isKeySpent: false });
});

test('is reported as it stands now, on whichever page of the payouts it is', async () => {
  const now = Date.now();
  const at = (ms: number) => ({ createdAt: new Date(now + ms).toISOString() });
  payos.payouts.push({ ...made('FAILED'), ...at(-60_000) });
  for (const state of ['REVERSED', 'CANCELLED', 'FAILED'] as const)
    payos.payouts.push({ ...made('SUCCEEDED'), state, ...at(0) });
  for (let n = 0; n < 120; n += 1) payos.payouts.push({ ...made('SUCCEEDED'), referenceId: `other ${n}` });
  const reported = await Array.fromAsync(provider.movements?.(now - 30_000, now, []) ?? []);
  expect(reported).toHaveLength(123);
  expect(reported.slice(0, 4)).toEqual(
    (['payout_reversed', 'payout_cancelled', 'payout_failed', null] as const).map((error, index) => ({
      kind: 'refund',
      paymentReference: null,
      reference: `po_${index + 2}`,
      refundId: error ? 'rfd_one' : 'other 0',
      status: error ? 'failed' : 'sent',
      error,
      amount: 250_000,
      currency: 'VND',
      happenedAt: now,
    })),
  );
  payos.fail('GET /v1/payouts', { kind: 'status', status: 500 });
  await expect(Array.fromAsync(provider.movements?.(0, now, []) ?? [])).rejects.toMatchObject({
    code: '500',
  });
});
