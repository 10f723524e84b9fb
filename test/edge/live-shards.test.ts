/** The stock of a drop with shards is that of all shards everywhere, once any shard changes. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { dropOf, shardIdOf } from '../../src/domain/shard.ts';
import { createIds } from '../../src/ids/ids.ts';
import { readJson } from '../support/client.ts';
import { EventStream } from '../support/event-stream.ts';
import type { AdminDrop, Drop } from '../support/shapes.ts';
import { purchaseCall, until } from '../support/shop.ts';
import { ShardShop, shards, stock } from './shard-shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

describe('the stock of a drop with shards', () => {
  const shop = useEdgeShop();
  const shardShop = new ShardShop(shop);
  const stream = async ({ slug }: Drop) => {
    const opened = await new EventStream().open(`${shop.server.url}/drops/${slug}/stock`);
    onTestFinished(() => opened.close());
    return opened;
  };

  test('is the sum of all shards wherever it is shown, also when the first shard has none left', async () => {
    const drop = await shardShop.open();
    await shardShop.buyIn(0, drop.id, stock / shards);
    const left = { available: 30, held: 10, sold: 0 };
    const events = await stream(drop);
    const first = await events.waitFor(() => true);
    expect(first?.data).toMatchObject({ dropId: drop.id, phase: 'live', items: [left] });
    const reported = shardShop.listen(drop);
    await shardShop.waitFor(reported, () => true);
    expect(reported[0]).toMatchObject({ event: 'stock', data: { phase: 'live', items: [left] } });
    expect((await shop.drop(drop.id)).items[0]).toMatchObject(left);
    const page = await shop.send({ path: `/d/${drop.slug}`, headers: { accept: 'text/html' } });
    expect(page.text).toContain('data-phase="live"');
    expect(page.text).toContain('data-buy');
    const operated = readJson<AdminDrop>(await shop.admin({ path: `/admin/drops/${drop.id}` }));
    expect(operated.items[0]).toMatchObject(left);
    await shardShop.listed(drop, ({ available }) => available === 30);
  });

  test('reaches listeners from whichever shard it changes in', async () => {
    const drop = await shardShop.open();
    const events = await stream(drop);
    const reported = shardShop.listen(drop);
    await events.waitFor(() => true);
    await shardShop.waitFor(reported, () => true);
    let units = 0;
    for (const shard of [2, 1, 3, 0]) {
      units += 2;
      await shardShop.buyIn(shard, drop.id, 2);
      await events.waitFor(({ data }) => data.items[0]?.held === units);
      await shardShop.waitFor(reported, ({ held }) => held === units);
    }
    const ids = events.received.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is sold out where no shard has units, and live again with the first that comes back', async () => {
    const drop = await shardShop.open();
    const events = await stream(drop);
    await shop.buy(drop.id, { quantity: 30 });
    const last = await shop.buy(drop.id, { quantity: 10 });
    await events.waitFor(({ data }) => data.phase === 'sold_out');
    await shop.cancel(last);
    await until(
      async () => events.received.at(-1)?.data,
      (data) => data?.phase === 'live' && data.items[0]?.available === 10,
    );
    expect((await shop.send(purchaseCall(drop.id, { quantity: 10 }))).status).toBe(201);
  });

  test('is sold through the page’s form by the shard of the customer, which enforces the limit', async () => {
    const items = [{ sku: 'one', name: 'One', price: 1250, stock }];
    const drop = await shop.createDrop({ shards, items, perCustomer: 1 });
    const emails = Array.from({ length: 8 }, (_, index) => `form-${index}@canary.example`);
    for (const email of emails) {
      await shop.buy(drop.id, { customer: { email } });
      const form = new URLSearchParams({ key: crypto.randomUUID(), sku: 'one', quantity: '1', email });
      const url = `${shop.server.url}/d/${drop.slug}`;
      const answer = await fetch(url, { method: 'POST', body: form, headers: { origin: shop.server.url } });
      expect(answer.status, email).toBe(409);
    }
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: emails.length });
  });
});

// On its own server: workerd can’t evict a relay that has had an event stream.
describe('a relay', () => {
  const shop = useEdgeShop();
  const shardShop = new ShardShop(shop);

  test('shows the last known state of an unreachable shard, and refuses nothing because of it', async () => {
    const drop = await shardShop.open();
    for (const shard of [0, 1, 3]) await shardShop.buyIn(shard, drop.id, stock / shards);
    const left = { available: 10, held: 30 };
    await shardShop.listed(drop, ({ available }) => available === 10);
    onTestFinished(async () => void (await shop.fault({ shardsAway: [] })));
    await shop.fault({ shardsAway: [2] });
    expect((await shop.drop(drop.id)).items[0]).toMatchObject(left);
    // A relay without state queries the catalogue.
    await shop.evict();
    const reported = shardShop.listen(drop);
    await shardShop.waitFor(reported, () => true);
    expect(reported[0]?.data).toMatchObject({ phase: 'live', items: [left] });
    const page = await shop.send({ path: `/d/${drop.slug}`, headers: { accept: 'text/html' } });
    expect(page.text).toContain('data-phase="live"');
    // Its units can be bought in every shard: shards reach each other.
    await shardShop.buyIn(0, drop.id, 1);
    await shardShop.waitFor(reported, ({ held }) => held === 31);
  });

  test('receives a change from one shard without waking the others', async () => {
    const drop = await shardShop.open();
    const reported = shardShop.listen(drop);
    const bought = await shardShop.buyIn(2, drop.id, 3);
    await shardShop.waitFor(reported, ({ held }) => held === 3);
    await shardShop.listed(drop, ({ held }) => held === 3);
    await shop.evict();
    const before = await shop.fault();
    // A request that needs no other shard.
    await shop.cancel(bought);
    await shardShop.waitFor(reported, ({ held }) => held === 0);
    expect(reported.at(-1)?.data.items[0]).toMatchObject({ available: stock });
    const after = await shop.fault();
    const key = createIds(shop.server.secretKey).parseDrop(drop.id) ?? 0;
    const woken = after.wokenShardIds.slice(before.wokenShardIds.length);
    expect(woken.filter((shardId) => dropOf(Number(shardId)) === key)).toEqual([String(shardIdOf(key, 2))]);
    expect(after.shardReads - before.shardReads).toBe(0);
    expect(after.shardReports - before.shardReports).toBe(1);
  });
});
