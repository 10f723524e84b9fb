/** Look-ups and deletions of a customer reach every object, also with a lagging index. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { CUSTOMERS_LATE_MS, DELETION_OBJECTS_MAX } from '../../src/edge/limits.ts';
import { createIds } from '../../src/ids/ids.ts';
import { canary, readJson } from '../support/client.ts';
import type { AdminDrop, Order } from '../support/shapes.ts';
import { isoFromNow, unique, until } from '../support/shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

const DAY_MS = 24 * 3_600_000;

describe('a customer at the edge', () => {
  const shop = useEdgeShop();
  const someone = (): string => `of-many-${unique()}@${canary}.example`;
  const ids = () => createIds(shop.server.secretKey);
  const shardIdOf = ({ id }: AdminDrop): number => ids().parseDrop(id) ?? 0;
  const drops = (count: number): Promise<AdminDrop[]> =>
    Promise.all(Array.from({ length: count }, () => shop.createDrop({ startsAt: isoFromNow(-9 * DAY_MS) })));
  const erase = (email: string, more: object = {}) =>
    shop.admin({ method: 'POST', path: '/admin/customers/erase', json: { email, ...more } });
  const ordersOf = async (email: string): Promise<Order[]> => {
    const answer = await shop.admin({ path: `/admin/orders?email=${encodeURIComponent(email)}` });
    expect(answer.status, answer.text).toBe(200);
    return readJson<{ orders: Order[] }>(answer).orders;
  };
  const addressesOf = async (email: string): Promise<(string | null)[]> =>
    (await ordersOf(email)).map((order) => (order as Order & { email: string | null }).email);
  const indexed = (email: string): Promise<{ shardId: number }[]> =>
    shop.catalogue(
      'select shard_id as "shardId" from customer_shards where customer = ?',
      ids().customer(email),
    );
  const withoutCatalogue = async (): Promise<void> => {
    onTestFinished(async () => void (await shop.fault({ catalogueIsDown: false })));
    await shop.fault({ catalogueIsDown: true });
  };

  test('is in the index by a keyed hash alone, once the object has reported an order', async () => {
    const [drop] = (await drops(1)) as [AdminDrop];
    const email = someone();
    await shop.buy(drop.id, { customer: { email } });
    await until(
      () => indexed(email),
      (rows) => rows.length > 0,
    );
    expect(await indexed(email)).toEqual([{ shardId: shardIdOf(drop) }]);
    const rows = await shop.catalogue('select * from customer_shards');
    expect(JSON.stringify(rows)).not.toContain(canary);
  });

  test('is found through the index in drops that ended long ago, without requests to their other objects', async () => {
    const made = await drops(6);
    const email = someone();
    const [bought] = made as [AdminDrop];
    await shop.buy(bought.id, { customer: { email } });
    for (const { id } of made) await shop.patchDrop(id, { endsAt: isoFromNow(-CUSTOMERS_LATE_MS - DAY_MS) });
    await until(
      () => indexed(email),
      (rows) => rows.length > 0,
    );
    // Drops of the other tests may still sell: these are queried, and have no such orders.
    await shop.catalogue('update drops set starts_at = 0, ends_at = ? where ends_at is null', 1);
    const { objectRequests } = await shop.fault();
    expect((await ordersOf(email)).map(({ dropId }) => dropId)).toEqual([bought.id]);
    expect((await shop.fault()).objectRequests).toBe(objectRequests + 1);
  });

  test('is found and deleted although the index has not received the order', async () => {
    const [drop] = (await drops(1)) as [AdminDrop];
    await withoutCatalogue();
    const email = someone();
    await shop.buy(drop.id, { customer: { email } });
    expect(await indexed(email)).toEqual([]);
    expect(await addressesOf(email)).toEqual([email]);
    expect(readJson(await erase(email))).toEqual({ orders: 1 });
    expect(await addressesOf(email)).toEqual([null]);
  });

  test('is deleted although the index lags for longer than a list waits for it', async () => {
    const [drop] = (await drops(1)) as [AdminDrop];
    await withoutCatalogue();
    const email = someone();
    const { order } = await shop.buy(drop.id, { customer: { email } });
    await shop.catalogue(
      'update drops set ends_at = created_at + 1, starts_at = 1 where id = ?',
      shardIdOf(drop),
    );
    await shop.catalogue('update drops set ends_at = 2 where id = ?', shardIdOf(drop));
    expect(await ordersOf(email)).toEqual([]);
    expect(readJson(await erase(email))).toEqual({ orders: 1 });
    const seen = readJson<{ order: { email: string | null } }>(
      await shop.admin({ path: `/admin/orders/${order.id}` }),
    );
    expect(seen.order.email).toBe(null);
  });

  test('is deleted where the catalogue has only the reservation of a drop', async () => {
    const [drop] = (await drops(1)) as [AdminDrop];
    const email = someone();
    await shop.buy(drop.id, { customer: { email } });
    await until(
      () => indexed(email),
      (rows) => rows.length > 0,
    );
    await withoutCatalogue();
    for (const table of ['customer_shards where shard_id', 'subscribers where substr(name, 6)'])
      await shop.catalogue(`delete from ${table} = ?`, String(shardIdOf(drop)));
    expect(readJson(await erase(email))).toEqual({ orders: 1 });
  });

  test('is deleted everywhere except in an unreachable object, and there by a repeated request', async () => {
    const made = await drops(4);
    const email = someone();
    for (const { id } of made) await shop.buy(id, { customer: { email } });
    const [, away] = made as [AdminDrop, AdminDrop];
    onTestFinished(async () => void (await shop.fault({ awayShardIds: [] })));
    await shop.fault({ awayShardIds: [String(shardIdOf(away))] });
    const incomplete = await erase(email);
    expect([incomplete.status, readJson<{ code: string }>(incomplete).code]).toEqual([
      503,
      'deletion_incomplete',
    ]);
    expect(readJson<{ detail: string }>(incomplete).detail).toMatch(/of 3 orders\. Remaining objects: 1\./);
    expect(incomplete.headers['retry-after']).toBe('1');
    await shop.fault({ awayShardIds: [] });
    expect((await addressesOf(email)).filter((address) => address !== null)).toHaveLength(1);
    expect(readJson(await erase(email))).toEqual({ orders: 1 });
    expect(await addressesOf(email)).toEqual([null, null, null, null]);
    expect(await shop.catalogue('select * from deletion_shards')).toEqual([]);
  });

  test('is deleted over several requests where one cannot reach all objects', async () => {
    const [drop] = (await drops(1)) as [AdminDrop];
    const email = someone();
    await shop.buy(drop.id, { customer: { email } });
    const more = DELETION_OBJECTS_MAX + 50;
    // Numbers that were reserved, never created, and seem to have been reported long ago.
    const first = 700_000;
    await shop.catalogue(
      `insert into drops (id, slug, title, description, currency, starts_at, ends_at, hold_seconds, published, paused, created_at)
       with recursive n(i) as (select 0 union all select i + 1 from n where i < ?)
       select ${first} + i, 'many-' || i, '', '', 'EUR', 1, 2, 1, 0, 1, 1 from n`,
      more - 1,
    );
    await shop.catalogue(
      `insert into subscribers select 'customers:' || id, 0 from drops where id >= ${first} and id < ?`,
      first + more,
    );
    onTestFinished(
      async () =>
        void (await shop.catalogue(`delete from drops where id >= ${first} and id < ?`, first + more)),
    );
    const begun = await erase(email);
    expect([begun.status, readJson<{ code: string }>(begun).code]).toEqual([503, 'deletion_incomplete']);
    expect(readJson<{ detail: string }>(begun).detail).toMatch(/of 1 orders/);
    const left = Number(/Remaining objects: (\d+)/.exec(begun.text)?.[1]);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(more);
    expect((await erase(email)).status).toBe(200);
    expect(await shop.catalogue('select * from deletion_shards')).toEqual([]);
  });

  test('is listed a page at a time over many objects, each order once and the newest drop first', async () => {
    const made = await Promise.all(Array.from({ length: 7 }, () => shop.createDrop({ perCustomer: null })));
    const email = someone();
    const placed: string[] = [];
    for (const [index, { id }] of made.entries()) {
      for (let count = 0; count < index % 3; count += 1)
        placed.push((await shop.buy(id, { customer: { email } })).order.id);
    }
    const inOrder = (await ordersOf(email)).map(({ id }) => id);
    expect(inOrder.toSorted()).toEqual(placed.toSorted());
    for (const limit of [1, 2, 3, 5]) {
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const path = `/admin/orders?email=${encodeURIComponent(email)}&limit=${limit}${more}`;
        const answer = await shop.admin({ path });
        expect(answer.status, answer.text).toBe(200);
        const page = readJson<{ orders: Order[]; nextCursor: string | null }>(answer);
        expect(page.orders.length).toBeLessThanOrEqual(limit);
        seen.push(...page.orders.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(inOrder);
    }
  });
});
