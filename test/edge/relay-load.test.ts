/** The requests that many isolates cause at the objects of a drop: no more than a few. */
import { expect, test } from 'vitest';
import { RELAYS_PER_REGION } from '../../src/edge/relay/limits.ts';
import { createIds } from '../../src/ids/ids.ts';
import { PUBLISHED_AGE_MS } from '../../src/limits.ts';
import { ShardShop, shards } from './shard-shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

const shop = useEdgeShop();
const shardShop = new ShardShop(shop);

test.each([30, 300])('%i isolates read each shard only as often as its relays may', async (isolates) => {
  const drop = await shardShop.open();
  const dropId = createIds(shop.server.secretKey).parseDrop(drop.id);
  const looks = { isolates, dropId, durationMs: 3_000 };
  const answer = await fetch(`${shop.server.url}/isolates`, { method: 'POST', body: JSON.stringify(looks) });
  const read = (await answer.json()) as { tookMs: number; relayReads: number; shardReads: number };
  const mostOfRelay = (2 * read.tookMs) / PUBLISHED_AGE_MS + 2;
  expect(read.shardReads).toBeLessThanOrEqual(RELAYS_PER_REGION * shards * mostOfRelay);
  expect(read.relayReads).toBeGreaterThanOrEqual(isolates);
});

test('refused writes cause no further relay requests', async () => {
  const drop = await shop.createDrop();
  const { order } = await shop.buy(drop.id);
  const cancelled = { method: 'POST', path: `/orders/${order.id}/cancel`, token: 'wrong' };
  const before = await shop.fault();
  const [beganAt, rounds] = [Date.now(), 40];
  for (let round = 0; round < rounds; round += 1) {
    expect((await shop.send(cancelled)).status).toBeLessThan(500);
    await shop.drop(drop.id);
  }
  const { relayReads } = await shop.fault();
  expect(relayReads - before.relayReads).toBeLessThan(
    rounds / 2 + (2 * (Date.now() - beganAt)) / PUBLISHED_AGE_MS,
  );
});
