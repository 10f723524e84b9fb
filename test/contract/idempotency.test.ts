/** Idempotency-Key: the same key and body give the same answer, once, whatever happened since. */
import { describe, expect, it } from 'vitest';
import { type Answer, readJson } from '../support/client.ts';
import { restart, runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer, runScenarios, type Scenario } from '../support/scenario.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { customer, isoFromNow, purchaseCall, type Shop } from '../support/shop.ts';

/** Events between the first request and its retry. */
const meanwhile: readonly {
  name: string;
  drop?: () => Record<string, unknown>;
  happens: (shop: Shop, drop: AdminDrop, first: Purchase) => Promise<unknown>;
}[] = [
  { name: 'nothing happened', happens: async () => undefined },
  {
    name: 'the drop sold out',
    happens: async (shop, drop) => {
      await shop.buy(drop.id, { quantity: 4 });
      expect((await shop.drop(drop.id)).phase).toBe('sold_out');
    },
  },
  { name: 'the drop was paused', happens: (shop, drop) => shop.patchDrop(drop.id, { paused: true }) },
  {
    name: 'the drop ended',
    happens: async (shop, drop) => {
      await shop.patchDrop(drop.id, { endsAt: isoFromNow(-1) });
      expect((await shop.drop(drop.id)).phase).toBe('ended');
    },
  },
  {
    name: 'the drop was taken back to draft',
    happens: (shop, drop) => shop.patchDrop(drop.id, { published: false }),
  },
  { name: 'the limit was reached', drop: () => ({ perCustomer: 1 }), happens: async () => undefined },
  {
    name: 'the price changed',
    happens: (shop, drop) => shop.patchDrop(drop.id, { items: [{ sku: 'one', price: 1 }] }),
  },
  { name: 'the order was paid', happens: (shop, _drop, first) => shop.pay(first) },
  {
    name: 'the order was cancelled',
    happens: async (shop, _drop, first) => expect((await shop.cancel(first)).status).toBe(200),
  },
  {
    name: 'the order was fulfilled',
    happens: async (shop, _drop, first) => {
      await shop.pay(first);
      await operate(shop, `/admin/orders/${first.order.id}/fulfil`, { trackingCode: 'JD014600006789' });
      expect((await shop.order(first)).order).toMatchObject({ trackingCode: 'JD014600006789' });
    },
  },
  {
    name: 'the order was refunded',
    happens: async (shop, _drop, first) => {
      await shop.pay(first);
      await operate(shop, `/admin/orders/${first.order.id}/refund`);
      await shop.orderBecomes(first, 'refunded');
    },
  },
  {
    name: 'the personal data was deleted',
    happens: async (shop, drop) => {
      const listed = await shop.admin({ path: `/admin/orders?dropId=${drop.id}` });
      const [order] = readJson<{ orders: { email: string }[] }>(listed).orders;
      await operate(shop, '/admin/customers/erase', { email: order?.email });
    },
  },
];

async function operate(shop: Shop, path: string, json?: unknown): Promise<void> {
  const answer = await shop.admin({ method: 'POST', path, ...(json !== undefined && { json }) });
  expect(answer.status, answer.text).toBe(200);
}

const sameCustomer = customer();
const key = crypto.randomUUID();

const notReplays: readonly Scenario[] = [
  ...[{ quantity: 2 }, { sku: 'two' }, { customer: { ...sameCustomer, name: 'Canary Other' } }].map(
    (changes): Scenario => ({
      name: `refuses the key with another body: ${Object.keys(changes)[0]}`,
      drop: twoItems(),
      before: (shop, drop) => shop.buy(drop.id, { sku: 'one', customer: sameCustomer }, `${key}-${drop.id}`),
      request: (drop) =>
        purchaseCall(drop.id, { sku: 'one', customer: sameCustomer, ...changes }, `${key}-${drop.id}`),
      status: 422,
      code: 'key_reused',
    }),
  ),
  {
    name: 'refuses the key for another drop',
    before: async (shop, drop) => {
      const other = await shop.createDrop();
      await shop.buy(other.id, { customer: sameCustomer }, `${key}-other-${drop.id}`);
    },
    request: (drop) => purchaseCall(drop.id, { customer: sameCustomer }, `${key}-other-${drop.id}`),
    status: 422,
    code: 'key_reused',
    // At the edge a key belongs to a customer and a drop: objects do not know each other.
    isFor: (runtime) => runtime !== 'workerd',
  },
  {
    name: 'refuses the key with another body also when sold out',
    before: (shop, drop) =>
      shop.buy(drop.id, { quantity: 5, customer: sameCustomer }, `${key}-out-${drop.id}`),
    request: (drop) => purchaseCall(drop.id, { customer: sameCustomer }, `${key}-out-${drop.id}`),
    status: 422,
    code: 'key_reused',
  },
  {
    name: 'takes the same key of another customer as a new order',
    before: (shop, drop) => shop.buy(drop.id, {}, `${key}-${drop.id}`),
    request: (drop) => purchaseCall(drop.id, {}, `${key}-${drop.id}`),
    status: 201,
    changes: true,
    after: (answer) => expect(answer.headers['idempotency-replayed']).toBeUndefined(),
  },
  {
    name: 'takes a key in another case as another key',
    before: (shop, drop) => shop.buy(drop.id, { customer: sameCustomer }, `${key}-a-${drop.id}`),
    request: (drop) => purchaseCall(drop.id, { customer: sameCustomer }, `${key}-A-${drop.id}`),
    status: 201,
    changes: true,
    after: (answer) => expect(answer.headers['idempotency-replayed']).toBeUndefined(),
  },
];

function twoItems(): Record<string, unknown> {
  return {
    items: ['one', 'two'].map((sku) => ({ sku, name: sku, price: 500, stock: 5 })),
  };
}

function expectReplay(replay: Answer, first: Answer): void {
  expect([replay.status, replay.text]).toEqual([201, first.text]);
  expect(replay.headers['idempotency-replayed']).toBe('true');
  expect(replay.headers['content-type']).toBe(first.headers['content-type']);
}

describe.each(runtimes)('idempotency on %s', (runtime) => {
  const shop = useServer(runtime, { TRUSTED_PROXIES: '127.0.0.0/8' });

  it.each(meanwhile)('replays byte for byte after $name', async ({ drop: changes, happens }) => {
    const drop = await shop.createDrop(changes?.());
    const call = purchaseCall(drop.id, {}, crypto.randomUUID());
    const first = await shop.send(call);
    expect(first.status, first.text).toBe(201);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    await happens(shop, drop, readJson<Purchase>(first));
    const before = await shop.stateOf(drop.id);
    for (let repetition = 0; repetition < 2; repetition += 1) expectReplay(await shop.send(call), first);
    expect(await shop.stateOf(drop.id)).toBe(before);
  });

  it('replays byte for byte after a restart on the same file', async () => {
    const drop = await shop.createDrop();
    const call = purchaseCall(drop.id, {}, crypto.randomUUID());
    const first = await shop.send(call);
    expect(first.status, first.text).toBe(201);
    const before = await shop.stateOf(drop.id);
    await restart(shop, runtime);
    const replay = await shop.send(call);
    expect(replay.headers['idempotency-replayed']).toBe('true');
    // The process chooses its port here, and the payment address contains it.
    const portless = (text: string): string => text.replace(/:\d+\/pay\//, '/pay/');
    expect([replay.status, portless(replay.text)]).toEqual([201, portless(first.text)]);
    expect(await shop.stateOf(drop.id)).toBe(before);
    await shop.order(readJson<Purchase>(first));
  });

  it('replays for another address: a phone may change networks between two tries', async () => {
    const drop = await shop.createDrop();
    const call = purchaseCall(drop.id, {}, crypto.randomUUID());
    const from = (address: string) => ({
      ...call,
      headers: { ...call.headers, 'x-forwarded-for': address, 'cf-connecting-ip': address },
    });
    const first = await shop.send(from('203.0.113.7'));
    expect(first.status, first.text).toBe(201);
    expectReplay(await shop.send(from('198.51.100.9')), first);
  });

  it('does not keep a refusal: the same key can succeed later', async () => {
    const drop = await shop.createDrop();
    const call = purchaseCall(drop.id, {}, crypto.randomUUID());
    await shop.patchDrop(drop.id, { paused: true });
    expectAnswer(await shop.send(call), { status: 409, code: 'paused' });
    await shop.patchDrop(drop.id, { paused: false });
    const later = await shop.send(call);
    expect([later.status, later.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expectReplay(await shop.send(call), later);
  });

  it('treats every request without a key as a new order', async () => {
    const drop = await shop.createDrop();
    const same = { customer: customer() };
    const made = [
      await shop.buy(drop.id, same),
      await shop.buy(drop.id, same),
      await shop.buy(drop.id, same),
    ];
    expect(new Set(made.map((purchase) => purchase.order.id)).size).toBe(3);
    expect((await shop.drop(drop.id)).items[0]?.held).toBe(3);
  });

  it('gives one order to a key sent four times at once', async () => {
    const drop = await shop.createDrop();
    const call = purchaseCall(drop.id, {}, crypto.randomUUID());
    const answers = await Promise.all([call, call, call, call].map((each) => shop.send(each)));
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers['idempotency-replayed'] === 'true').length).toBe(3);
    expect((await shop.drop(drop.id)).items[0]?.held).toBe(1);
  });

  runScenarios(shop, notReplays, runtime);
});
