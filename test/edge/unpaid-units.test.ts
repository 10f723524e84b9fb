/** Unpaid units of one address at the edge: counted across evictions, bounded over all shards. */
import { expect, test } from 'vitest';
import { fromAddress } from '../support/client-address.ts';
import type { Purchase } from '../support/shapes.ts';
import { purchaseCall } from '../support/shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

const shop = useEdgeShop({ RATE_LIMIT: 'on' });
const buy = (dropId: string, quantity: number) =>
  shop.send({ ...purchaseCall(dropId, { quantity }), headers: fromAddress('203.0.113.9') });
const items = (stock: number) => [{ sku: 'one', name: 'One', price: 1250, stock }];

test('an evicted object still knows the unpaid units of an address', async () => {
  const drop = await shop.createDrop({ items: items(50) });
  const first = await buy(drop.id, 6);
  expect([first.status, (await buy(drop.id, 4)).status]).toEqual([201, 201]);
  await shop.evict();
  expect((await buy(drop.id, 1)).status).toBe(429);
  await shop.pay(JSON.parse(first.text) as Purchase);
  await shop.evict();
  expect([(await buy(drop.id, 6)).status, (await buy(drop.id, 1)).status]).toEqual([201, 429]);
});

test('shards share the unpaid-unit limit of an address', async () => {
  const drop = await shop.createDrop({ items: items(4_000), shards: 4 });
  let held = 0;
  for (let buyer = 0; buyer < 100; buyer += 1) held += (await buy(drop.id, 1)).status === 201 ? 1 : 0;
  // A fiftieth of the drop is 80, of which each shard has 20.
  expect(held).toBeGreaterThan(60);
  expect(held).toBeLessThanOrEqual(80);
});

test('shards share the unpaid-unit limit of an address also in a small drop', async () => {
  const drop = await shop.createDrop({ items: items(40), shards: 4 });
  let held = 0;
  for (let buyer = 0; buyer < 60; buyer += 1) held += (await buy(drop.id, 1)).status === 201 ? 1 : 0;
  // 10 of the whole drop: each shard rounds its share up to 3.
  expect(held).toBeGreaterThanOrEqual(9);
  expect(held).toBeLessThanOrEqual(12);
});
