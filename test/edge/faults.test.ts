/** Platform faults: evictions, lost alarms, a catalogue outage. Nothing is lost or oversold. */
import { afterEach, describe, expect, test } from 'vitest';
import { OBJECT_ATTEMPTS_MAX } from '../../src/limits.ts';
import { type Call, readJson } from '../support/client.ts';
import { keyOf } from '../support/key-of.ts';
import { plainDrop } from '../support/plain-drop.ts';
import type { Drop, Purchase } from '../support/shapes.ts';
import { customer, dropBody, purchaseCall, sleep, until } from '../support/shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

const triesAfterwards = 30;
const item = (stock: number) => [{ sku: 'one', name: 'One', price: 1250, stock }];

describe('an object of the edge', () => {
  const shop = useEdgeShop();
  const listed = async (id: string) => {
    const { drops } = readJson<{ drops: Drop[] }>(await shop.send({ path: '/drops' }));
    return drops.find((drop) => drop.id === id);
  };
  const behind = async (id: string) => {
    const answer = await shop.send({ path: `/readyz?dropId=${id}` });
    return readJson<{ catalogueEventsBehind: number }>(answer).catalogueEventsBehind;
  };

  test.each([
    ['evicted', {}],
    ['evicted before the work, or before the answer,', { abortEvery: 25 }],
  ])('that is repeatedly %s keeps every acknowledged order', async (_, faults) => {
    const stock = 60;
    const drop = await shop.createDrop({ items: item(stock) });
    const acknowledged = new Map<string, Purchase>();
    let isSelling = true;
    await shop.fault(faults);
    const evictions = (async () => {
      let count = 0;
      for (; isSelling; count += 1) {
        await shop.evict();
        await sleep(100);
      }
      return count;
    })();
    const buy = async (buyer: number): Promise<void> => {
      const [key, person] = [keyOf(buyer), customer()];
      for (;;) {
        const answer = await shop.send(purchaseCall(drop.id, { customer: person }, key));
        // Interrupted: a retry with the same key follows.
        if (answer.status === 503) continue;
        if (answer.status === 201) acknowledged.set(key, readJson<Purchase>(answer));
        else expect(readJson<{ code: string }>(answer).code).toBe('sold_out');
        return;
      }
    };
    const next = Array.from({ length: stock * 3 }, (_, buyer) => buyer).values();
    const buyers = Array.from({ length: 20 }, async () => {
      for (const buyer of next) await buy(buyer);
    });
    await Promise.all(buyers);
    isSelling = false;
    await shop.fault({ abortEvery: 0 });
    expect(await evictions).toBeGreaterThan(2);
    expect(acknowledged.size).toBe(stock);
    expect(new Set([...acknowledged.values()].map(({ order }) => order.id)).size).toBe(stock);
    for (const purchase of acknowledged.values())
      expect((await shop.order(purchase)).order.status).toBe('held');
    const certificate = await shop.admin({ path: `/admin/drops/${drop.id}/audit` });
    expect(readJson(certificate)).toMatchObject({ isClean: true, orders: { held: stock } });
  });

  test('whose alarms fail still sells expired units, and does the rest at the next request', async () => {
    const drop = await shop.createDrop({ items: item(1), holdSeconds: 1 });
    await shop.fault({ alarmsFail: true });
    const first = await shop.buy(drop.id);
    // The expired hold is not released yet, but its unit is free.
    const second = await until(
      () => shop.send(purchaseCall(drop.id)),
      ({ status }) => status === 201,
    );
    expect((await shop.order(first)).order.status).toBe('released');
    const { order } = readJson<Purchase>(second);
    await until(
      async () => Date.now(),
      (now) => now > Date.parse(order.holdExpiresAt),
    );
    await shop.fault({ alarmsFail: false });
    // A restarted object finds what is due, whatever happened to its alarm.
    await shop.evict();
    await shop.orderBecomes(readJson<Purchase>(second), 'released');
    await until(
      () => behind(drop.id),
      (events) => events === 0,
    );
  });

  test('sells while the catalogue is unreachable, which catches up later', async () => {
    const drop = await shop.createDrop({ items: item(5) });
    const { catalogueRefusals: before } = await shop.fault({ catalogueIsDown: true });
    for (let buyer = 0; buyer < 3; buyer += 1) await shop.pay(await shop.buy(drop.id));
    // It failed, and retried.
    await until(
      async () => (await shop.fault()).catalogueRefusals,
      (refusals) => refusals >= before + 2,
    );
    expect(await behind(drop.id)).toBe(6);
    expect((await listed(drop.id))?.items[0]).toMatchObject({ sold: 0 });
    await shop.evict();
    expect(await behind(drop.id)).toBe(6);
    await shop.fault({ catalogueIsDown: false });
    await until(
      () => listed(drop.id),
      (seen) => seen?.items[0]?.sold === 3,
    );
    expect(await behind(drop.id)).toBe(0);
  });

  test('gives one freed unit to exactly one of twenty who race the alarm', async () => {
    const drop = await shop.createDrop({ items: item(1), holdSeconds: 2 });
    const first = await shop.buy(drop.id);
    // The next hold outlasts the test, on a slow machine too.
    await shop.patchDrop(drop.id, { holdSeconds: 600 });
    let won = 0;
    const race = Array.from({ length: 20 }, async () => {
      // Some more attempts after the sale: the last are answered from the state published since.
      for (let late = 0; late < triesAfterwards; late += Number(won > 0)) {
        // A busy machine is slow to answer: a retry with the same key follows.
        const call = purchaseCall(drop.id, {}, crypto.randomUUID());
        const answer = await until(
          () => shop.send(call),
          ({ status }) => status !== 503,
        );
        if (answer.status === 201) won += 1;
        else expect(readJson<{ code: string }>(answer).code).toBe('sold_out');
      }
    });
    await Promise.all(race);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(first.order.holdExpiresAt));
    expect(won).toBe(1);
  });
});

describe('a Worker whose object ends before its answer', () => {
  const shop = useEdgeShop();
  const cut = (path: string, times: number) =>
    shop.fault({ failuresAreRetryable: true, cut: { path, after: true, times } });
  afterEach(() => cut('', 0));
  const codeOf = (text: string): string => (JSON.parse(text) as { code: string }).code;

  test('sends an operator’s write once, also one with a key', async () => {
    const drop = await shop.createDrop({ items: item(5) });
    await cut('/restock', OBJECT_ATTEMPTS_MAX);
    const answer = await shop.admin({
      method: 'POST',
      path: `/admin/drops/${drop.id}/restock`,
      json: { sku: 'one', quantity: 5 },
      headers: { 'idempotency-key': crypto.randomUUID() },
    });
    expect([answer.status, codeOf(answer.text)]).toEqual([503, 'outcome_unknown']);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ stock: 10 });
  });

  test.each([
    ['before the write', false, 0],
    ['after the write and before the answer', true, 5],
  ])('lets an operator repeat a restock by its key, %s', async (_, after, units) => {
    const drop = await shop.createDrop({ items: item(5) });
    await shop.fault({ cut: { path: '/restock', after, times: 2 } });
    const call: Call = {
      method: 'POST',
      path: `/admin/drops/${drop.id}/restock`,
      json: { sku: 'one', quantity: 5 },
      headers: { 'idempotency-key': crypto.randomUUID() },
    };
    const stock = async () => (await shop.drop(drop.id)).items[0]?.stock;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(codeOf((await shop.admin(call)).text)).toBe('outcome_unknown');
      expect(await stock()).toBe(5 + units);
    }
    const answer = await shop.admin(call);
    expect([answer.status, answer.headers['idempotency-replayed']]).toEqual([
      200,
      after ? 'true' : undefined,
    ]);
    expect(await stock()).toBe(10);
  });

  test('retries a purchase with a key, and no other one', async () => {
    const drop = await shop.createDrop({ items: item(5) });
    await cut('/purchase', OBJECT_ATTEMPTS_MAX - 1);
    const answer = await shop.send(purchaseCall(drop.id, {}, crypto.randomUUID()));
    expect([answer.status, answer.headers['idempotency-replayed']]).toEqual([201, 'true']);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: 1 });
    await cut('/purchase', 1);
    const unknown = await shop.send(purchaseCall(drop.id));
    expect([unknown.status, codeOf(unknown.text)]).toEqual([503, 'outcome_unknown']);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: 2 });
  });
});

describe('the catalogue', () => {
  const shop = useEdgeShop();

  test('ends with the latest report when reports arrive twice and out of order', async () => {
    const made = { ...plainDrop, id: 70_000, slug: 'told', title: 'Reported', holdSeconds: 1 };
    const withSold = (sold: number) => ({
      ...made,
      items: [{ id: 1, sku: 'one', name: 'One', price: 1, stock: 9, held: 0, sold }],
    });
    const report = async (sold: number, seq: number) =>
      (await shop.report(made.id, withSold(sold), seq))[0]?.items.map((one) => one.sold);
    expect(await report(1, 10)).toEqual([1]);
    expect(await report(3, 30)).toEqual([3]);
    expect(await report(2, 20)).toEqual([3]);
    expect(await report(3, 30)).toEqual([3]);
    expect(await report(1, 10)).toEqual([3]);
    expect(await report(4, 31)).toEqual([4]);
  });

  test('that has lost its newest drop assigns its object to no other drop', async () => {
    const lost = await shop.createDrop();
    await shop.loseDrop(lost.slug);
    const json = dropBody();
    const answer = await shop.admin({ method: 'POST', path: '/admin/drops', json });
    expect([answer.status, readJson<{ code: string }>(answer).code]).toEqual([409, 'slug_taken']);
    expect((await shop.drop(lost.id)).slug).toBe(lost.slug);
  });
});
