/** The typed client and its purchase example, over a connection that loses answers. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buy } from '../../docs/examples/buy.ts';
import { createClient } from '../../src/api/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { customer } from '../support/shop.ts';

/** A proxy to `url` that cuts off the first answers after the server has sent them. */
async function unreliableLine(url: string, lost: number): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const line = createServer((incoming, outgoing) => {
    requests += 1;
    const isLost = requests <= lost;
    const { hostname, port } = new URL(url);
    const onward = request(
      { hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers },
      (answer) => {
        if (isLost) {
          answer.resume().on('end', () => outgoing.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.on('error', () => outgoing.destroy());
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  onTestFinished(() => void line.close());
  return { url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`, requests: () => requests };
}

describe.each(runtimes)('the typed client on %s', (runtime) => {
  const shop = useServer(runtime);

  test('buys once, though two answers are lost', async () => {
    const drop = await shop.createDrop();
    const line = await unreliableLine(shop.server.url, 2);
    const { email } = customer() as { email: string };
    const bought = await buy(line.url, drop.slug, email);
    expect(line.requests()).toBe(3);
    expect(bought.order).toMatchObject({ dropId: drop.id, quantity: 1, total: 1250, status: 'held' });
    const { drops } = createClient(shop.server.url);
    const seen = await drops[':id'].$get({ param: { id: drop.slug } });
    if (seen.status !== 200) throw new Error(`GET /drops/:id answered ${seen.status}`);
    expect((await seen.json()).items[0]).toMatchObject({ held: 1, available: 4 });
  });

  test('returns a refusal at once, without a retry', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1250, stock: 0 }] });
    const line = await unreliableLine(shop.server.url, 0);
    const { email } = customer() as { email: string };
    await expect(buy(line.url, drop.id, email)).rejects.toThrow(
      'Not enough units are left. A hold that expires may free some. (sold_out)',
    );
    expect(line.requests()).toBe(1);
  });

  test('buys the first available item of several, or the one that the caller names', async () => {
    const items = ['S', 'M', 'L'].map((sku) => ({ sku, name: sku, price: 1250, stock: sku === 'S' ? 0 : 5 }));
    const drop = await shop.createDrop({ items });
    const { email } = customer() as { email: string };
    expect((await buy(shop.server.url, drop.slug, email)).order).toMatchObject({ sku: 'M' });
    expect((await buy(shop.server.url, drop.slug, email, 'L')).order).toMatchObject({ sku: 'L' });
    await expect(buy(shop.server.url, drop.slug, email, 'XL')).rejects.toThrow(
      'The drop has no item with this sku. (invalid)',
    );
    await expect(buy(shop.server.url, 'no-such-drop', email)).rejects.toThrow('No such drop. (not_found)');
    await expect(buy(shop.server.url, drop.slug, 'nobody', 'L')).rejects.toThrow('customer.email: ');
  });

  test('calls operator routes, and turns problems into errors', async () => {
    const drop = await shop.createDrop();
    const headers = { authorization: `Bearer ${shop.server.adminToken}` };
    const { admin } = createClient(shop.server.url, { headers });
    const changed = await admin.drops[':id'].$patch({ param: { id: drop.id }, json: { paused: true } });
    expect(changed.status === 200 && (await changed.json()).phase).toBe('paused');
    const taken = await admin.drops.$post({
      json: { ...drop, slug: drop.slug, title: 'Again', items: [] } as never,
    });
    expect(taken.ok).toBe(false);
    const orders = await admin.orders.$get({ query: { dropId: drop.id, status: 'held' } });
    expect(orders.status === 200 && (await orders.json()).orders).toEqual([]);
  });
});
