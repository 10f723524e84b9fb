/** Features of the edge: cached reads, an object per drop, lists across objects, live stock. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { ADDRESS_REQUESTS_MAX } from '../../src/domain/client-limits.ts';
import { createIds } from '../../src/ids/ids.ts';
import { readJson } from '../support/client.ts';
import { keyOf } from '../support/key-of.ts';
import { lostOrder } from '../support/lost-order.ts';
import { startServer } from '../support/server-process.ts';
import type { Drop, Order, Purchase } from '../support/shapes.ts';
import { customer, purchaseCall, Shop, unique, until } from '../support/shop.ts';
import { paymentEvent, signedWebhook } from '../support/signed-webhook.ts';
import { spendQuota } from '../support/spent-quota.ts';
import { useEdgeShop } from './worker-under-test.ts';

const items = (stock: number) => [{ sku: 'one', name: 'One', price: 1250, stock }];

describe('the edge', () => {
  const shop = useEdgeShop();

  test('refuses sold-out purchases without waking the object, and still finds every retry', async () => {
    const drop = await shop.createDrop({ items: items(2) });
    const [ann, bob] = [customer(), customer()];
    const first = await shop.send(purchaseCall(drop.id, { customer: ann }, keyOf('ann')));
    await shop.buy(drop.id, { customer: bob });
    // The first request reads the drop's state from the object.
    expect((await shop.send(purchaseCall(drop.id, {}, crypto.randomUUID()))).status).toBe(409);
    const { objectRequests } = await shop.fault();
    for (let buyer = 0; buyer < 20; buyer += 1) {
      const refused = await shop.send(purchaseCall(drop.id, {}, crypto.randomUUID()));
      expect([refused.status, readJson<{ code: string }>(refused).code]).toEqual([409, 'sold_out']);
    }
    // The object's alarm may run meanwhile, to report the sales.
    expect(await shop.fault()).toMatchObject({ objectRequests });
    const replay = await shop.send(purchaseCall(drop.id, { customer: ann }, keyOf('ann')));
    expect([replay.status, replay.text, replay.headers['idempotency-replayed']]).toEqual([
      201,
      first.text,
      'true',
    ]);
    // The same key from another customer is another key.
    const foreign = await shop.send(purchaseCall(drop.id, { customer: customer() }, keyOf('ann')));
    expect(foreign.status).toBe(409);
  });

  test('finds a new drop immediately where a request has just found none', async () => {
    const ids = createIds(shop.server.secretKey);
    const last = ids.parseDrop((await shop.createDrop()).id) ?? 0;
    const path = `/drops/${ids.drop(last + 1)}`;
    expect((await shop.send({ path })).status).toBe(404);
    expect(ids.parseDrop((await shop.createDrop()).id)).toBe(last + 1);
    expect((await shop.send({ path })).status).toBe(200);
  });

  test('scopes a key to a customer and a drop', async () => {
    const buyer = customer();
    const [one, two] = [await shop.createDrop(), await shop.createDrop()];
    const orders = [one, two].map(({ id }) => shop.buy(id, { customer: buyer }, keyOf('both')));
    const [first, second] = await Promise.all(orders);
    expect(first?.order.id).not.toBe(second?.order.id);
  });

  test('shows operators their own change in the list with the bookmark they received', async () => {
    const made = await shop.admin({
      method: 'POST',
      path: '/admin/drops',
      json: {
        slug: `b-${unique()}`,
        title: 'B',
        currency: 'EUR',
        startsAt: '2027-01-01T00:00:00Z',
        items: items(1),
      },
    });
    const bookmark = String(made.headers['x-d1-bookmark']);
    const { id } = readJson<Drop>(made);
    const published = await shop.admin({
      method: 'PATCH',
      path: `/admin/drops/${id}`,
      json: { published: true },
      headers: { 'x-d1-bookmark': bookmark },
    });
    const seen = await shop.admin({
      path: '/drops',
      headers: { 'x-d1-bookmark': String(published.headers['x-d1-bookmark']) },
    });
    expect(readJson<{ drops: Drop[] }>(seen).drops.map((drop) => drop.id)).toContain(id);
    expect(seen.headers['x-d1-bookmark']).toMatch(/^[0-9a-f-]{20,}$/);
  });

  test('frees the slug of a drop that was reserved and never created', async () => {
    const slug = `slug-${unique()}`;
    const first = await shop.createDrop({ slug });
    const taken = await shop.admin({
      method: 'POST',
      path: '/admin/drops',
      json: { slug, title: 'Again', currency: 'EUR', startsAt: '2027-01-01T00:00:00Z', items: items(1) },
    });
    expect([taken.status, readJson<{ code: string }>(taken).code]).toEqual([409, 'slug_taken']);
    expect((await shop.drop(slug)).id).toBe(first.id);
  });

  test('lists the orders of every drop page by page, each once', async () => {
    const drops = [await shop.createDrop(), await shop.createDrop(), await shop.createDrop()];
    const email = `pages-${unique()}@canary.example`;
    const placed = new Set<string>();
    for (const { id } of drops) {
      for (let count = 0; count < 3; count += 1) {
        placed.add((await shop.buy(id, { customer: { email } })).order.id);
      }
    }
    const seen: Order[] = [];
    let path = `/admin/orders?email=${encodeURIComponent(email)}&limit=2`;
    for (;;) {
      const page = readJson<{ orders: Order[]; nextCursor: string | null }>(await shop.admin({ path }));
      expect(page.orders.length).toBeLessThanOrEqual(2);
      seen.push(...page.orders);
      if (page.nextCursor === null) break;
      path = `/admin/orders?email=${encodeURIComponent(email)}&limit=2&cursor=${page.nextCursor}`;
    }
    expect(seen).toHaveLength(placed.size);
    expect(new Set(seen.map(({ id }) => id))).toEqual(placed);
    // By drop, newest first.
    expect([...new Set(seen.map(({ dropId }) => dropId))]).toEqual(drops.map(({ id }) => id).reverse());
    const erased = await shop.admin({ method: 'POST', path: '/admin/customers/erase', json: { email } });
    expect(readJson(erased)).toEqual({ orders: placed.size });
  });

  test('refunds money for a lost order, and shows it to the operator', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    const { secretKey } = shop.server;
    const event = paymentEvent(purchase, 'payment.paid', {
      order: lostOrder(secretKey),
      amount: 777,
    });
    expect((await shop.send(signedWebhook(secretKey, event))).status).toBe(200);
    const refunds = async () => {
      const answer = await shop.admin({ path: '/admin/refunds?status=sent' });
      return readJson<{ refunds: { amount: number; orderId: string | null; reason: string }[] }>(answer)
        .refunds;
    };
    const [sent] = await until(
      async () => (await refunds()).filter(({ amount }) => amount === 777),
      ({ length }) => length === 1,
    );
    expect(sent).toMatchObject({ orderId: null, reason: 'unknown_order' });
  });

  test('sends the stock to listeners, also after the object slept', async () => {
    const drop = await shop.createDrop({ items: items(5) });
    const socket = new WebSocket(`${shop.server.url.replace('http', 'ws')}/drops/${drop.slug}/stock`);
    onTestFinished(() => socket.close());
    const received: { event: string; id: string; data: { phase: string; items: { held: number }[] } }[] = [];
    socket.addEventListener('message', ({ data }) => {
      if (data !== 'pong') received.push(JSON.parse(String(data)));
    });
    await until(
      async () => received.length,
      (count) => count === 1,
    );
    expect(received[0]).toMatchObject({
      event: 'stock',
      data: { dropId: drop.id, phase: 'live', items: [{ sku: 'one', available: 5, held: 0, sold: 0 }] },
    });
    await shop.evict();
    await Promise.all([shop.buy(drop.id), shop.buy(drop.id), shop.buy(drop.id)]);
    await until(
      async () => received.at(-1)?.data.items[0]?.held,
      (held) => held === 3,
    );
    // Concurrent changes arrive in one message.
    expect(received.length).toBeLessThanOrEqual(4);
    const [first = 0, last = 0] = [received[0], received.at(-1)].map((reported) =>
      Number.parseInt(reported?.id ?? '', 10),
    );
    expect(last).toBeGreaterThan(first);
    expect(received.at(-1)?.id).toBe(`${last}-live`);
    const nobody = await shop.send({ path: '/drops/none/stock' });
    expect(nobody.status).toBe(404);
  });

  test('has one operator, the holder of ADMIN_TOKEN', async () => {
    expect((await shop.send({ path: '/admin/drops', token: 'st_of-a-machine' })).status).toBe(401);
    expect((await shop.send({ path: '/admin/orders' })).status).toBe(401);
    expect((await shop.send({ method: 'POST', path: '/admin/reconcile', token: 'wrong' })).status).toBe(401);
  });
});

describe('rate limits at the edge', () => {
  const shop = useEdgeShop({ RATE_LIMIT: 'on', ADDRESS_UNITS_MAX: '100000' });

  test('count per drop by the address that the platform reports, and trust no other header', async () => {
    const drop = await shop.createDrop({ items: items(1_000) });
    const ask = (address: string) =>
      shop.send({
        ...purchaseCall(drop.id),
        headers: { 'cf-connecting-ip': address, 'x-forwarded-for': unique() },
      });
    const answers = await spendQuota(ADDRESS_REQUESTS_MAX, () => ask('203.0.113.5'));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers['retry-after']).toMatch(/^\d+$/);
    expect((await ask('203.0.113.6')).status).toBe(201);
  });
});

describe('workerd', () => {
  test('that is killed keeps every order that it has acknowledged', async () => {
    const shop = new Shop();
    const start = async (databaseFile?: string) =>
      shop.open(
        await startServer({ runtime: 'workerd', ...(databaseFile !== undefined && { databaseFile }) }),
      );
    await start();
    const drop = await shop.createDrop({ items: items(500), holdSeconds: 3 });
    const acknowledged: Purchase[] = [];
    const buyers = Array.from({ length: 20 }, async () => {
      for (;;) {
        const answer = await shop.send(purchaseCall(drop.id)).catch(() => null);
        if (answer?.status !== 201) return;
        acknowledged.push(readJson<Purchase>(answer));
      }
    });
    await until(
      async () => acknowledged.length,
      (count) => count > 20,
    );
    process.kill(shop.server.pid, 'SIGKILL');
    await Promise.all(buyers);
    const { databaseFile } = shop.server;
    const end = { code: null, signal: 'SIGKILL' };
    expect(await shop.server.exited).toEqual(end);
    // Miniflare has started another process meanwhile, which ends here.
    expect(await shop.server.stop()).toEqual(end);
    await start(databaseFile);
    onTestFinished(() => shop.server.kill());
    for (const { order } of acknowledged) {
      expect((await shop.admin({ path: `/admin/orders/${order.id}` })).status).toBe(200);
    }
    // The alarm is stored too: without any request, expired holds are released.
    const [first] = acknowledged;
    if (first) await shop.orderBecomes(first, 'released');
    const answer = await shop.admin({ path: `/admin/drops/${drop.id}/audit` });
    expect(readJson(answer)).toMatchObject({ isClean: true });
  });
});
