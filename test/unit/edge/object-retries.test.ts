/** A Worker retries only idempotent calls, only after marked errors, and with growing waits. */
import { expect, test } from 'vitest';
import { isIdempotent, withRetries } from '../../../src/edge/object-retries.ts';
import { OBJECT_ATTEMPTS_MAX, OBJECT_RETRY_FIRST_MS } from '../../../src/limits.ts';

const key = { 'idempotency-key': '0b6f3c52-7d1e-4a55-9c1d-2f8e6a90b7c4' };

test.each([
  ['GET', '/drops/spring', {}, true],
  ['HEAD', '/orders/ord_1', {}, true],
  ['POST', '/purchase', key, true],
  ['POST', '/payments/stripe/webhook', {}, true],
  ['POST', '/purchase', {}, false],
  ['POST', '/admin/drops/spring/restock', key, false],
  ['POST', '/admin/drops/spring/restock?x=/payments/stripe/webhook', key, false],
  ['PATCH', '/admin/drops/spring', key, false],
  ['POST', '/admin/orders/ord_1/refund', key, false],
  ['POST', '/orders/ord_1/cancel', key, false],
])('%s %s with %j is idempotent by construction: %s', (method, path, headers, isSo) => {
  expect(isIdempotent(new Request(`https://shop.example${path}`, { method, headers }))).toBe(isSo);
});

/** An object that fails at every call, with the platform's marks on its errors. */
async function callsOf(marks: object, isCallIdempotent: boolean, random = 0) {
  let calls = 0;
  const waits: number[] = [];
  const clock = {
    after(delayMs: number, task: () => void) {
      waits.push(delayMs);
      task();
    },
  };
  const error = Object.assign(new Error('The object is gone.'), marks);
  const fail = async () => {
    calls += 1;
    throw error;
  };
  await expect(withRetries(fail, isCallIdempotent, clock, () => random)).rejects.toBe(error);
  return { calls, waits };
}

test.each([
  ['an idempotent call after a retryable error', { retryable: true }, true, OBJECT_ATTEMPTS_MAX],
  ['nothing else after a retryable error', { retryable: true }, false, 1],
  ['nothing from an overloaded object', { retryable: true, overloaded: true }, true, 1],
  ['nothing after an error of the object’s own code', { remote: true }, true, 1],
  ['nothing after an error that only looks like one', { retryable: 'true' }, true, 1],
])('retries %s', async (_, marks, isCallIdempotent, calls) => {
  expect((await callsOf(marks, isCallIdempotent)).calls).toBe(calls);
});

test('waits twice as long each time, less up to a half by chance', async () => {
  const longest = Array.from(
    { length: OBJECT_ATTEMPTS_MAX - 1 },
    (_, nth) => OBJECT_RETRY_FIRST_MS * 2 ** nth,
  );
  expect((await callsOf({ retryable: true }, true, 0)).waits).toEqual(longest);
  const shortest = (await callsOf({ retryable: true }, true, 1)).waits;
  expect(shortest).toEqual(longest.map((ms) => ms / 2));
});

test('returns the answer of the attempt that succeeds', async () => {
  let calls = 0;
  const call = async () => {
    calls += 1;
    if (calls === 1) throw Object.assign(new Error('The object is gone.'), { retryable: true });
    return 'held';
  };
  const clock = { after: (_: number, task: () => void) => task() };
  expect(await withRetries(call, true, clock, Math.random)).toBe('held');
  expect(calls).toBe(2);
});
