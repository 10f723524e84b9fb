/** A drop bound to the EU: every path leads to its object there, and to no other object. */
import { describe, expect, test } from 'vitest';
import { exportDrop } from '../../src/database/move/export-drop.ts';
import { rowsOf } from '../../src/database/sqlite/file-rows.ts';
import { DROP_KEYS_END, DROPS_MAX, dropKeys, MACHINE, UNCLAIMED } from '../../src/domain/shard.ts';
import { openWriter } from '../../src/split/connection.ts';
import { readJson } from '../support/client.ts';
import { createDrop } from '../support/commands.ts';
import { keyOf } from '../support/key-of.ts';
import { migratedFile, settingsFor } from '../support/scratch-store.ts';
import { testEnvironment } from '../support/server-process.ts';
import type { AdminDrop, Order } from '../support/shapes.ts';
import { customer, dropBody, purchaseCall, unique } from '../support/shop.ts';
import { signWith } from '../support/signed-drop-file.ts';
import { paymentEvent, signedWebhook } from '../support/signed-webhook.ts';
import { openThreadedStore } from '../support/threaded-store.ts';
import { type EdgeShop, useEdgeShop } from './worker-under-test.ts';

const inEu = { jurisdiction: 'eu', locationHint: 'weur' };

const importAt = (shop: EdgeShop, body: string) =>
  shop.admin({
    method: 'POST',
    path: '/admin/import',
    body,
    headers: { 'content-type': 'application/jsonl' },
  });

/** The file of a paused drop with this key, as a deployment with the same SECRET_KEY exports it. */
async function fileOfKey(dropId: number): Promise<string> {
  const file = migratedFile();
  const store = await openThreadedStore(file);
  const items = [{ sku: 'one', name: 'One', price: 1250, stock: 5 }];
  await store.submit({ ...createDrop({ slug: `drop-${unique()}`, startsAt: 0, items }), dropId });
  await store.submit({ kind: 'editDrop', actor: 'operator', dropId, edit: { paused: true } });
  await store.close(2_000);
  const connection = openWriter(settingsFor(file));
  const sign = signWith(testEnvironment.SECRET_KEY);
  const text = [...exportDrop(rowsOf(connection), dropId, MACHINE, Date.now(), sign)].join('');
  connection.close();
  return text;
}

describe('a drop in the EU', () => {
  const shop = useEdgeShop();
  const other = useEdgeShop();

  test.each([1, 3])(
    'with %i objects has all of them there, for buyers, money and operators',
    async (shards) => {
      // The object for payments without an order is in no jurisdiction; this call creates it.
      await shop.admin({ path: '/admin/refunds' });
      const before = await shop.objects();
      const hinted = (await shop.fault()).hints.length;
      const items = [{ sku: 'one', name: 'One', price: 1250, stock: 9 }];
      const drop = await shop.createDrop({ ...inEu, shards, items });
      expect(drop.jurisdiction).toBe('eu');
      const { hints } = await shop.fault();
      expect(hints.slice(hinted).filter((hint) => hint.endsWith(' weur'))).toHaveLength(shards);

      // One buyer wants more than one shard has: the shards reach each other too.
      const large = await shop.buy(drop.id, { quantity: 5 });
      const [person, key] = [customer(), keyOf('eu')];
      const paid = await shop.buy(drop.slug, { customer: person }, key);
      const replayed = await shop.send(purchaseCall(drop.id, { customer: person }, key));
      expect([replayed.status, replayed.headers['idempotency-replayed']]).toEqual([201, 'true']);
      const webhook = await shop.send(signedWebhook(shop.server.secretKey, paymentEvent(paid)));
      expect(webhook.status, webhook.text).toBe(200);
      await shop.orderBecomes(paid, 'paid');
      await shop.pay(large);
      await shop.orderBecomes(large, 'paid');
      const cancelled = await shop.buy(drop.id);
      expect((await shop.cancel(cancelled)).status).toBe(200);

      for (const path of ['/admin/orders', `/admin/orders?dropId=${drop.id}`]) {
        const { orders } = readJson<{ orders: Order[] }>(await shop.admin({ path }));
        const ids = orders.map(({ id }) => id);
        expect(ids).toEqual(expect.arrayContaining([large, paid, cancelled].map(({ order }) => order.id)));
      }
      const refund = await shop.admin({ method: 'POST', path: `/admin/orders/${large.order.id}/refund` });
      expect(refund.status, refund.text).toBe(200);
      await shop.orderBecomes(large, 'refunded');
      expect((await shop.admin({ path: '/admin/refunds?status=sent' })).text).toContain(large.order.id);
      const restock = {
        method: 'POST',
        path: `/admin/drops/${drop.id}/restock`,
        json: { sku: 'one', quantity: 2 },
      };
      expect((await shop.admin(restock)).status).toBe(200);
      const csv = await shop.admin({ path: `/admin/drops/${drop.id}/orders.csv` });
      expect(csv.text).toContain(paid.order.id);
      const erased = await shop.admin({
        method: 'POST',
        path: '/admin/customers/erase',
        json: { email: person.email, openOrders: [paid.order.id] },
      });
      expect(erased.status, erased.text).toBe(200);
      expect((await shop.admin({ path: `/admin/orders/${paid.order.id}` })).text).not.toContain(
        String(person.email),
      );
      const shown = readJson<AdminDrop>(await shop.admin({ path: `/admin/drops/${drop.id}` }));
      expect(shown).toMatchObject({ jurisdiction: 'eu', items: [{ stock: 11 }] });
      expect((await shop.admin({ path: `/admin/drops/${drop.id}/audit` })).text).toContain('"isClean":true');
      expect(await shop.objects()).toEqual({ anywhere: before.anywhere, eu: before.eu + shards });
    },
  );

  test('is created once, whatever is retried, and a drop elsewhere stays elsewhere', async () => {
    const before = await shop.objects();
    const body = dropBody(inEu);
    const make = (changes: object) =>
      shop.admin({ method: 'POST', path: '/admin/drops', json: { ...body, ...changes } });
    await shop.fault({ unmade: { shard: 0, after: false, times: 9 } });
    expect((await make({})).status).toBe(503);
    await shop.fault({ unmade: { shard: 0, after: false, times: 0 } });
    expect((await make({ jurisdiction: null })).status).toBe(409);
    expect((await make({})).status).toBe(201);
    const elsewhere = await shop.createDrop();
    expect(elsewhere.jurisdiction).toBeNull();
    expect(await shop.objects()).toEqual({ anywhere: before.anywhere + 1, eu: before.eu + 1 });
  });

  test('ignores location hints outside the EU', async () => {
    const refused = await shop.admin({
      method: 'POST',
      path: '/admin/drops',
      json: dropBody({ jurisdiction: 'eu', locationHint: 'enam' }),
    });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Must be one of weur, eeur in the jurisdiction eu.');
  });

  test('moves to another deployment, and is in the EU there', async () => {
    const drop = await shop.createDrop(inEu);
    const sold = await shop.buy(drop.id);
    await shop.pay(sold);
    await shop.patchDrop(drop.id, { paused: true });
    const file = await shop.admin({ method: 'POST', path: `/admin/drops/${drop.id}/export` });
    const before = await other.objects();
    const imported = await importAt(other, file.text);
    expect(imported.status, imported.text).toBe(201);
    expect((await other.order(sold)).order.status).toBe('paid');
    const shown = readJson<AdminDrop>(await other.admin({ path: `/admin/drops/${drop.id}` }));
    expect(shown.jurisdiction).toBe('eu');
    expect(await other.objects()).toEqual({ anywhere: before.anywhere, eu: before.eu + 1 });
  });

  test.each([
    ['anywhere', null],
    ['eu', 'eu'],
  ] as const)(
    'a drop with the last key of the range %s can be imported, and others still be created',
    async (range, jurisdiction) => {
      const imported = await importAt(shop, await fileOfKey(dropKeys[range].end - 1));
      expect(imported.status, imported.text).toBe(201);
      const { id } = readJson<{ id: string }>(imported);
      const there = readJson<AdminDrop>(await shop.admin({ path: `/admin/drops/${id}` }));
      expect(there.jurisdiction).toBe(jurisdiction);
      for (let count = 0; count < 2; count += 1) {
        const drop = await shop.createDrop({ jurisdiction });
        expect(drop.jurisdiction).toBe(jurisdiction);
        await shop.buy(drop.id);
      }
    },
  );

  test.each([
    ['after the last range', DROP_KEYS_END],
    ['of the largest shard', UNCLAIMED - 1],
    ['of the money that belongs to no order', UNCLAIMED],
    ['of a shard', DROPS_MAX],
    ['of no shard', 2 ** 31],
  ])('a drop with a key %s is refused with the reason', async (_, key) => {
    const before = await shop.objects();
    const refused = await importAt(shop, await fileOfKey(key));
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(
      `The drop has the key ${key}, but keys at the edge are below ${DROP_KEYS_END}`,
    );
    expect(await shop.objects()).toEqual(before);
  });
});
