/** Workers refuse from leased state: an object sells a freed unit once no Worker refuses it. */
import { describe, expect, test } from 'vitest';
import { createIds } from '../../src/ids/ids.ts';
import { PUBLISHED_AGE_MS } from '../../src/limits.ts';
import { purchaseCall } from '../support/shop.ts';
import { straightAt, useEdgeShop } from './worker-under-test.ts';

const items = [{ sku: 'one', name: 'One', price: 1250, stock: 1 }];

describe('an object whose drop was published as sold out', () => {
  const shop = useEdgeShop();

  test('sells a returned unit once every snapshot that would refuse it has expired', async () => {
    const drop = await shop.createDrop({ items });
    const purchase = await shop.buy(drop.id);
    const askedMs = performance.now();
    expect((await shop.send(purchaseCall(drop.id, {}, crypto.randomUUID()))).status).toBe(409);
    await shop.cancel(purchase);
    const again = await shop.send(purchaseCall(drop.id, {}, crypto.randomUUID()));
    expect(again.status).toBe(201);
    // Its object waits until the snapshot of the last Worker has expired.
    expect(performance.now() - askedMs).toBeGreaterThan(PUBLISHED_AGE_MS / 2);
  });

  test('sells a returned unit no sooner after a restart', async () => {
    const drop = await shop.createDrop({ items });
    const shardId = createIds(shop.server.secretKey).parseDrop(drop.id) ?? 0;
    const straight = straightAt(shardId);
    const first = await shop.buy(drop.id);
    const askedMs = performance.now();
    // Now this Worker refuses from its snapshot.
    expect((await shop.send(purchaseCall(drop.id, {}, crypto.randomUUID()))).status).toBe(409);
    // As through another Worker, which this one does not know.
    const path = `/orders/${first.order.id}/cancel`;
    expect((await shop.send(straight({ method: 'POST', path, token: first.token }))).status).toBe(200);
    await shop.end(shardId);
    const call = purchaseCall(drop.id, {}, crypto.randomUUID());
    const bought = await shop.send(straight(call));
    expect(bought.status, bought.text).toBe(201);
    expect(performance.now() - askedMs).toBeGreaterThan(PUBLISHED_AGE_MS / 2);
    const retry = await shop.send(call);
    expect([retry.status, retry.text]).toEqual([201, bought.text]);
  });
});
