/** A drop split over several objects: the same promises, whichever shard a buyer reaches. */
import { describe, expect, test } from 'vitest';
import { BODY_BYTES_MAX, OBJECT_ATTEMPTS_MAX } from '../../src/limits.ts';
import { type Call, readJson } from '../support/client.ts';
import { keyOf } from '../support/key-of.ts';
import type { AdminDrop, Drop, Order, Purchase } from '../support/shapes.ts';
import { customer, dropBody, purchaseCall, sleep, until } from '../support/shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

const shards = 4;

describe('a drop with shards', () => {
  const shop = useEdgeShop();
  const open = (stock: number, changes = {}) =>
    shop.createDrop({ shards, items: [{ sku: 'one', name: 'One', price: 1250, stock }], ...changes });
  const unitsOf = async (id: string) => {
    const drop = await shop.admin({ path: `/admin/drops/${id}` });
    return readJson<AdminDrop>(drop).items[0];
  };
  const certificateOf = async (id: string) =>
    readJson<{
      isClean: boolean;
      violations: string[];
      shards: { drop: { title: string }; items: { stock: number }[] }[];
    }>(await shop.admin({ path: `/admin/drops/${id}/audit` }));
  /** Retries a purchase with the same key until it is definite. */
  const buyer = async (dropId: string, key: string, more = {}): Promise<Purchase | null> => {
    const body = { customer: customer(), ...more };
    for (;;) {
      const answer = await shop.send(purchaseCall(dropId, body, key));
      if (answer.status === 201) return readJson<Purchase>(answer);
      if (answer.status === 409) return null;
      expect(answer.status).toBe(503);
      await sleep(20);
    }
  };

  test.each([
    ['as it is', {}],
    ['with objects evicted before the work, or before the answer', { abortEvery: 25 }],
    ['with units lost on their way', { lostGifts: 3 }],
    ['with units offered again that have arrived', { lostThanks: 3 }],
  ])('sells every unit once, %s', async (_, faults) => {
    const stock = 30;
    const drop = await open(stock);
    expect(drop.items[0]).toMatchObject({ stock, available: stock });
    expect((await certificateOf(drop.id)).shards.map(({ items }) => items[0]?.stock)).toEqual([8, 8, 7, 7]);
    const before = await shop.fault(faults);
    // More than any shard has: one gives to another, where a crowd alone may empty all of them at
    // once.
    const large = await buyer(drop.id, keyOf('large'), { quantity: 9 });
    const bought = await Promise.all(
      Array.from({ length: 4 * stock }, (_, index) => buyer(drop.id, keyOf(index))),
    );
    await shop.fault({ abortEvery: 0, lostGifts: 0, lostThanks: 0 });
    const orders = [large, ...bought].filter((purchase) => purchase !== null);
    expect(new Set(orders.map(({ order }) => order.id)).size).toBe(orders.length);
    // Units in transfer when an object ended are offered again, and found.
    const rest = await until(
      async () => {
        const item = await unitsOf(drop.id);
        const more = item && item.available > 0 ? await buyer(drop.id, crypto.randomUUID()) : null;
        if (more) orders.push(more);
        return { ...item, isSound: (await certificateOf(drop.id)).isClean };
      },
      (item) => Number(item.stock) >= stock && item.held === item.stock,
    );
    expect(rest).toMatchObject({ stock, held: stock, available: 0, isSound: true });
    expect(orders.reduce((units, { order }) => units + order.quantity, 0)).toBe(stock);
    // A repeated offer comes late: it must not create units.
    if ('lostThanks' in faults) {
      const offered = async () => (await shop.fault()).offeredInVain - before.offeredInVain;
      await until(offered, (count) => count > 0);
    }
    const { shards: parts } = await certificateOf(drop.id);
    expect(parts.reduce((units, { items }) => units + (items[0]?.stock ?? 0), 0)).toBe(stock);
    for (const purchase of orders.slice(0, 5)) expect((await shop.order(purchase)).order.status).toBe('held');
  });

  test('combines units of several shards when no single shard has enough', async () => {
    const drop = await open(8);
    const purchase = await shop.buy(drop.id, { quantity: 8 });
    expect(purchase.order.quantity).toBe(8);
    expect((await shop.send(purchaseCall(drop.id))).status).toBe(409);
  });

  test.each([
    ['before one of its shards was made', { shard: 2, after: false }],
    ['after one of its shards was made, and before the answer', { shard: 1, after: true }],
    ['before its first shard was made', { shard: 0, after: false }],
  ])('interrupted %s is completed by the same request', async (_, unmade) => {
    const body = dropBody({ shards, items: [{ sku: 'one', name: 'One', price: 1250, stock: 30 }] });
    const make = (changes = {}) =>
      shop.admin({ method: 'POST', path: '/admin/drops', json: { ...body, ...changes } });
    const listed = async () => {
      const lists = await Promise.all([shop.send({ path: '/drops' }), shop.admin({ path: '/admin/drops' })]);
      return lists.map((list) =>
        readJson<{ drops: Drop[] }>(list).drops.filter(({ slug }) => slug.startsWith(String(body.slug))),
      );
    };
    await shop.fault({ failuresAreRetryable: true, unmade: { ...unmade, times: OBJECT_ATTEMPTS_MAX } });
    expect((await make()).status).toBe(503);
    expect(await listed()).toEqual([[], []]);
    for (const changes of [{ title: 'Another drop' }, { shards: 2 }, { shards: 1 }]) {
      const other = await make(changes);
      expect([other.status, readJson<{ code: string }>(other).code]).toEqual([409, 'slug_taken']);
    }
    const finished = await make();
    expect(finished.status, finished.text).toBe(201);
    const drop = readJson<AdminDrop>(finished);
    const certificate = await certificateOf(drop.id);
    expect(certificate.isClean).toBe(true);
    expect(certificate.shards.map(({ items }) => items[0]?.stock)).toEqual([8, 8, 7, 7]);
    expect((await shop.buy(drop.id, { quantity: 30 })).order.quantity).toBe(30);
    expect((await listed()).map((found) => found.length)).toEqual([1, 1]);
    // After its completion, its slug is taken for the same request too.
    expect((await make()).status).toBe(409);
  });

  test('whose first shard ends before it answers is created once, and answered', async () => {
    await shop.fault({ failuresAreRetryable: true, unmade: { shard: 0, after: true, times: 1 } });
    const drop = await open(30);
    expect((await certificateOf(drop.id)).shards.map(({ items }) => items[0]?.stock)).toEqual([8, 8, 7, 7]);
  });

  test.each([
    ['that adds units', 5, 13],
    ['that removes more than any shard has', -6, 2],
  ])('applies a restock %s once, however often its answer is lost', async (_, quantity, stock) => {
    const drop = await open(8);
    const restock: Call = {
      method: 'POST',
      path: `/admin/drops/${drop.id}/restock`,
      json: { sku: 'one', quantity },
      headers: { 'idempotency-key': crypto.randomUUID() },
    };
    await shop.fault({ cut: { path: '/restock', after: true, times: 2 } });
    for (let attempt = 0; attempt < 2; attempt += 1) expect((await shop.admin(restock)).status).toBe(503);
    const answer = await shop.admin(restock);
    expect([answer.status, answer.headers['idempotency-replayed']]).toEqual([200, 'true']);
    expect(readJson<AdminDrop>(answer).items[0]).toMatchObject({ stock });
    const { isClean, shards: parts } = await certificateOf(drop.id);
    expect(isClean).toBe(true);
    expect(parts.reduce((units, { items }) => units + (items[0]?.stock ?? 0), 0)).toBe(stock);
  });

  test('completes an edit that reached some of its shards, by its key', async () => {
    const drop = await open(8);
    const rename: Call = {
      method: 'PATCH',
      path: `/admin/drops/${drop.id}`,
      json: { title: 'Renamed' },
      headers: { 'idempotency-key': crypto.randomUUID() },
    };
    const titles = async () => (await certificateOf(drop.id)).shards.map((shard) => shard.drop.title);
    // The third shard ends during the edit, and the fourth never receives it.
    await shop.fault({ cut: { path: drop.id, after: false, times: 1, skip: 2 } });
    expect((await shop.admin(rename)).status).toBe(503);
    expect(await titles()).toEqual(['Renamed', 'Renamed', drop.title, drop.title]);
    expect((await shop.admin(rename)).status).toBe(200);
    expect(await titles()).toEqual(Array.from({ length: shards }, () => 'Renamed'));
  });

  test('enforces the limit per customer', async () => {
    const drop = await open(40, { perCustomer: 2 });
    const person = customer();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        shop.send(purchaseCall(drop.id, { customer: person }, keyOf(index))),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
  });

  test('answers HEAD as GET', async () => {
    const drop = await open(4);
    const of = `/admin/drops/${drop.id}`;
    for (const path of [of, `${of}/audit`, `${of}/orders.csv`, '/admin/orders', '/admin/refunds']) {
      const known = await shop.admin({ path });
      const head = await shop.admin({ method: 'HEAD', path });
      expect([head.status, head.headers['content-type'], head.text], path).toEqual([
        200,
        known.headers['content-type'],
        '',
      ]);
      const stranger = await fetch(`${shop.server.url}${path}`, { method: 'HEAD' });
      expect(stranger.status, path).toBe(401);
    }
  });

  test('reads no more of a body than an operator may send, and none without a token', async () => {
    const drop = await open(4);
    const body = JSON.stringify({ title: 'x'.repeat(BODY_BYTES_MAX) });
    for (const call of [{ body }, { body, chunked: true }]) {
      const edit = { ...call, method: 'PATCH', path: `/admin/drops/${drop.id}` } as const;
      expect((await shop.admin(edit)).status).toBe(413);
      expect((await shop.send(edit)).status).toBe(401);
    }
  });

  test('is run by its operator like any other', async () => {
    const drop = await open(4, { title: 'Four shards' });
    for (let count = 0; count < 4; count += 1) await shop.pay(await shop.buy(drop.id));
    const post = (path: string, json?: unknown) =>
      shop.admin({ method: 'POST', path: `/admin/drops/${drop.id}/${path}`, ...(json ? { json } : {}) });
    expect((await post('restock', { sku: 'one', quantity: 3 })).status).toBe(200);
    expect(await unitsOf(drop.id)).toMatchObject({ stock: 7, sold: 4, available: 3 });
    await until(
      () => shop.send(purchaseCall(drop.id)),
      ({ status }) => status === 201,
    );
    const edited = await shop.patchDrop(drop.id, { title: 'Still four' });
    expect(edited).toMatchObject({ title: 'Still four', items: [{ stock: 7, sold: 4 }] });
    const stock = await shop.admin({
      method: 'PATCH',
      path: `/admin/drops/${drop.id}`,
      json: { items: [{ sku: 'one', stock: 9 }] },
    });
    expect(stock.status).toBe(422);
    const listed = await shop.admin({ path: `/admin/orders?dropId=${drop.id}&limit=3` });
    const page = readJson<{ orders: Order[]; nextCursor: string }>(listed);
    const next = await shop.admin({
      path: `/admin/orders?dropId=${drop.id}&limit=3&cursor=${page.nextCursor}`,
    });
    expect([...page.orders, ...readJson<{ orders: Order[] }>(next).orders]).toHaveLength(5);
    const csv = await shop.admin({ path: `/admin/drops/${drop.id}/orders.csv` });
    const [header = '', ...lines] = csv.text.trimEnd().split('\r\n');
    expect([header.startsWith('\uFEFF"order",'), lines.length]).toEqual([true, 5]);
    for (const line of lines) expect(line).toMatch(/^"ord_/);
    expect(readJson<Drop>(await post('close')).phase).toBe('ended');
    expect((await shop.send(purchaseCall(drop.id))).status).toBe(409);
    expect((await certificateOf(drop.id)).isClean).toBe(true);
    expect((await shop.admin({ method: 'POST', path: `/admin/drops/${drop.id}/export` })).status).toBe(409);
    const { drops } = readJson<{ drops: Drop[] }>(await shop.send({ path: '/drops' }));
    await until(
      async () => readJson<{ drops: Drop[] }>(await shop.send({ path: '/drops' })).drops,
      (seen) => seen.find(({ id }) => id === drop.id)?.items[0]?.sold === 4,
    );
    expect(drops.filter(({ slug }) => slug.startsWith(drop.slug))).toHaveLength(1);
  });
});
