/** The package's client: the API's types, and retries with one key within its time limit. */
import type { InferInput, InferOutput } from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type * as answers from '../../../src/answers/schemas.ts';
import {
  createClient,
  type Drop,
  type OrderState,
  type Problem,
  type Purchase,
  type PurchaseRequest,
  type SandboxOutcome,
  StampedeError,
} from '../../../src/client/client.ts';
import type { purchaseBody } from '../../../src/http/purchase-body.ts';
import type { payBody } from '../../../src/http/sandbox-pay.ts';

const request: PurchaseRequest = { dropId: 'shoe', quantity: 1, customer: { email: 'ada@example.com' } };
const placed = Response.json({ order: { id: 'ord_1' } }, { status: 201 });
const problem = (status: number, code: string, retryAfter?: string): Response =>
  Response.json(
    { code, detail: 'No.' },
    { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } },
  );

/** A server that gives these answers in order, and the requests that it received. */
function serverOf(...given: (Response | Error)[]) {
  const seen: { url: string; headers: Headers; body: unknown }[] = [];
  const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    seen.push({ url: String(url), headers: new Headers(init.headers), body: init.body });
    const answer = given[seen.length - 1];
    if (answer instanceof Response) return answer.clone();
    throw answer ?? new Error('One request too many.');
  };
  const shop = createClient('http://shop.example/', { fetch: fetch as typeof globalThis.fetch });
  return { seen, shop, fetch: fetch as typeof globalThis.fetch };
}

test('the client’s types match the routes', () => {
  expectTypeOf<Drop>().toEqualTypeOf<InferOutput<typeof answers.drop>>();
  expectTypeOf<Purchase>().toEqualTypeOf<InferOutput<typeof answers.purchaseAnswer>>();
  expectTypeOf<OrderState>().toEqualTypeOf<InferOutput<typeof answers.orderAnswer>>();
  expectTypeOf<Problem>().toEqualTypeOf<InferOutput<typeof answers.problemDetails>>();
  expectTypeOf<PurchaseRequest>().toEqualTypeOf<InferInput<typeof purchaseBody>>();
  expectTypeOf<SandboxOutcome>().toEqualTypeOf<InferInput<typeof payBody>['outcome']>();
});

describe('a purchase', () => {
  test('is retried with the same key after lost answers, failures and Retry-After', async () => {
    const { shop, seen } = serverOf(
      new TypeError('fetch failed'),
      new Response('<h1>Bad gateway</h1>', { status: 502 }),
      problem(503, 'overloaded', '0'),
      placed,
    );
    expect(await shop.purchase(request)).toEqual({ order: { id: 'ord_1' } });
    expect(seen).toHaveLength(4);
    const keys = new Set(seen.map(({ headers }) => headers.get('idempotency-key')));
    expect([...keys]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(new Set(seen.map(({ body }) => body))).toEqual(new Set([JSON.stringify(request)]));
  });

  test('has a new key each time, or the given one', async () => {
    const { shop, seen } = serverOf(placed, placed, placed);
    await shop.purchase(request);
    await shop.purchase(request);
    await shop.purchase(request, { idempotencyKey: 'kept-over-a-reload' });
    const [first, second, third] = seen.map(({ headers }) => headers.get('idempotency-key'));
    expect(first).not.toBe(second);
    expect(third).toBe('kept-over-a-reload');
  });

  test('waits for the time in Retry-After', async () => {
    const { shop } = serverOf(problem(503, 'overloaded', '1'), placed);
    const begunMs = performance.now();
    await shop.purchase(request);
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(999);
  });

  test.each([
    ['a refusal', problem(409, 'sold_out'), 'sold_out'],
    ['a shop without a payment provider', problem(503, 'no_provider'), 'no_provider'],
    ['a buyer with too many unpaid units', problem(429, 'too_many_unpaid', '1'), 'too_many_unpaid'],
    ['a wait beyond its patience', problem(503, 'disk_full', '3600'), 'disk_full'],
  ])('ends with %s', async (_, answer, code) => {
    const { shop, seen } = serverOf(answer);
    const error = await shop.purchase(request).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StampedeError);
    expect(error).toMatchObject({ code, detail: 'No.', message: `No. (${code})`, status: answer.status });
    expect(error).toMatchObject({ idempotencyKey: seen[0]?.headers.get('idempotency-key') });
    expect(seen).toHaveLength(1);
  });

  test('fails without an answer in time', async () => {
    const { fetch } = serverOf(new TypeError('fetch failed'));
    const shop = createClient('http://shop.example', { fetch, patienceMs: 0 });
    await expect(shop.purchase(request)).rejects.toMatchObject({ code: 'no_answer', status: 0 });
  });

  test('ends when its caller aborts, also while it waits', async () => {
    const { shop, seen } = serverOf(problem(503, 'overloaded', '20'));
    const signal = AbortSignal.timeout(50);
    await expect(shop.purchase(request, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(shop.purchase(request, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(seen).toHaveLength(1);
  });
});

test('the client sends the drop, the order and the phase in the URL, and the token in a header', async () => {
  const { shop, seen } = serverOf(...Array.from({ length: 4 }, () => Response.json({ drops: [] })));
  expect(await shop.drops({ phase: 'live' })).toEqual([]);
  await shop.drop('a/b');
  await shop.order('ord_1', 'secret');
  await shop.cancel('ord_1', 'secret');
  expect(seen.map(({ url }) => url.replace('http://shop.example', ''))).toEqual([
    '/drops?phase=live',
    '/drops/a%2Fb',
    '/orders/ord_1',
    '/orders/ord_1/cancel',
  ]);
  expect(seen[3]?.headers.get('authorization')).toBe('Bearer secret');
});

test('the client never sends a payment twice', async () => {
  const { shop, seen } = serverOf(problem(503, 'outcome_unknown', '0'));
  await expect(shop.pay('ord_1')).rejects.toMatchObject({ code: 'outcome_unknown' });
  expect(seen).toHaveLength(1);
});
