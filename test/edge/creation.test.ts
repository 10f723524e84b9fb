/** Creating a drop, with a SIGKILL at each step: no partial drop shows, a retry completes it. */
import { describe, expect, test } from 'vitest';
import { shardIdOf } from '../../src/domain/shard.ts';
import { createIds } from '../../src/ids/ids.ts';
import { type Answer, readJson } from '../support/client.ts';
import type { AdminDrop, Drop } from '../support/shapes.ts';
import { dropBody, purchaseCall, until } from '../support/shop.ts';
import { straightAt, useEdgeShop } from './worker-under-test.ts';

const shards = 3;
const stock = 8;

describe('a creation', () => {
  const shop = useEdgeShop();
  const listed = async (slug: unknown) => {
    const lists = await Promise.all([shop.send({ path: '/drops' }), shop.admin({ path: '/admin/drops' })]);
    return lists.map((list) =>
      readJson<{ drops: Drop[] }>(list).drops.filter((drop) => drop.slug.startsWith(String(slug))),
    );
  };

  const cutOff = async (step: string, make: () => Promise<Answer>) => {
    await shop.fault({ stallAt: step });
    const cut = make().catch(() => null);
    await until(
      async () => (await shop.fault()).stalledAt,
      (seen) => seen === step,
    );
    await shop.killAndRestart();
    expect((await cut)?.status).not.toBe(201);
  };

  test.each([
    ['before the reservation', shards],
    ['before shard 2', shards],
    ['after shard 2', shards],
    ['after shard 1', shards],
    ['before shard 0', shards],
    ['before shard 0', 1],
  ])(
    'killed by SIGKILL %s of %i sells and shows nothing, and is completed by the same request',
    async (step, count) => {
      const ids = createIds(shop.server.secretKey);
      const dropId = (ids.parseDrop((await shop.createDrop()).id) ?? 0) + 1;
      const body = dropBody({ shards: count, items: [{ sku: 'one', name: 'One', price: 1250, stock }] });
      const make = () => shop.admin({ method: 'POST', path: '/admin/drops', json: body });

      await cutOff(step, make);

      expect(await listed(body.slug)).toEqual([[], []]);
      for (const name of [String(body.slug), ids.drop(dropId)]) {
        expect((await shop.send({ path: `/drops/${name}` })).status).toBe(404);
        expect((await shop.admin({ path: `/admin/drops/${name}` })).status).toBe(404);
        expect((await shop.send(purchaseCall(name))).status).not.toBe(201);
        for (let shard = 0; shard < shards; shard += 1) {
          const straight = straightAt(shardIdOf(dropId, shard));
          expect((await shop.send(straight(purchaseCall(name)))).status).toBe(404);
          expect((await shop.send(straight({ path: `/drops/${name}` }))).status).toBe(404);
        }
      }

      const made = await make();
      expect(made.status, made.text).toBe(201);
      const drop = readJson<AdminDrop>(made);
      expect([drop.id, drop.items[0]?.stock]).toEqual([ids.drop(dropId), stock]);
      expect((await listed(body.slug)).map(([one]) => one?.items[0]?.stock)).toEqual([stock, stock]);
      expect((await shop.buy(drop.id, { quantity: stock })).order.quantity).toBe(stock);
      const certificate = await shop.admin({ path: `/admin/drops/${drop.id}/audit` });
      expect(readJson<{ isClean: boolean }>(certificate).isClean).toBe(true);
    },
  );

  test.each([shards, 1])(
    'killed by SIGKILL after shard 0 of %i answers the same key with the drop',
    async (count) => {
      const body = dropBody({ shards: count, items: [{ sku: 'one', name: 'One', price: 1250, stock }] });
      const headers = { 'Idempotency-Key': crypto.randomUUID() };
      const make = () => shop.admin({ method: 'POST', path: '/admin/drops', json: body, headers });
      await cutOff('after shard 0', make);
      const made = await make();
      expect([made.status, made.headers['idempotency-replayed']], made.text).toEqual([201, 'true']);
      const drop = readJson<AdminDrop>(made);
      await shop.buy(drop.id, { quantity: stock });
      const again = await make();
      expect([again.status, readJson<AdminDrop>(again).id]).toEqual([201, drop.id]);
      expect(readJson<AdminDrop>(again).items[0]).toMatchObject({ stock, held: stock, available: 0 });
    },
  );

  test('whose report to the catalogue is lost is completed by the same request', async () => {
    const body = dropBody({ shards, items: [{ sku: 'one', name: 'One', price: 1250, stock }] });
    const make = () => shop.admin({ method: 'POST', path: '/admin/drops', json: body });
    await shop.fault({ catalogueIsDown: true });
    expect((await make()).status).toBe(503);
    await shop.fault({ catalogueIsDown: false });
    expect(await listed(body.slug)).toEqual([[], []]);
    expect((await make()).status).toBe(201);
    expect((await listed(body.slug)).map(([one]) => one?.items[0]?.stock)).toEqual([stock, stock]);
  });
});
