/** Admin requests that the drop's own state rules out; nothing changes. */
import { describe, expect, it } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer, runScenarios, type Scenario } from '../support/scenario.ts';
import { dropBody, isoFromNow, unique } from '../support/shop.ts';

const item = { sku: 'one', name: 'One size', price: 1250, stock: 5 };
const items = (count: number): unknown =>
  Array.from({ length: count }, (_, at) => ({ ...item, sku: `s-${at}` }));
const notWhole = [1.5, '1', null, true, [], 2 ** 53, -(2 ** 53)];

describe.each(runtimes)('refused admin drops on %s', (runtime) => {
  const shop = useServer(runtime);

  describe('create', () => {
    it('a slug that is taken, also by a draft', async () => {
      for (const publish of [true, false]) {
        const { slug, id } = await shop.createDrop({ publish });
        const before = await shop.stateOf(id);
        const answer = await shop.admin({ method: 'POST', path: '/admin/drops', json: dropBody({ slug }) });
        expectAnswer(answer, { status: 409, code: 'slug_taken' });
        expect(await shop.stateOf(id)).toBe(before);
      }
    });

    it('reports every invalid field at once', async () => {
      const answer = await shop.admin({
        method: 'POST',
        path: '/admin/drops',
        json: dropBody({ title: '', currency: 'eur', items: [{ ...item, price: 0, stock: -1 }] }),
      });
      const paths = ['title', 'currency', 'items.0.price', 'items.0.stock'];
      expectAnswer(answer, { status: 422, code: 'invalid', paths });
    });
  });

  describe('edit', () => {
    runScenarios(shop, [
      {
        name: 'an empty edit',
        request: (drop, { server }) => ({
          method: 'PATCH',
          path: `/admin/drops/${drop.id}`,
          token: server.adminToken,
          json: {},
        }),
        status: 422,
        code: 'invalid',
      },
      {
        name: 'a start after the current end',
        drop: { endsAt: isoFromNow(60_000) },
        request: (drop, { server }) => ({
          method: 'PATCH',
          path: `/admin/drops/${drop.id}`,
          token: server.adminToken,
          json: { startsAt: isoFromNow(120_000) },
        }),
        status: 422,
        code: 'invalid',
      },
      {
        name: 'a valid item with an invalid one changes neither',
        request: (drop, { server }) => ({
          method: 'PATCH',
          path: `/admin/drops/${drop.id}`,
          token: server.adminToken,
          json: { title: 'Half', items: [{ sku: 'one', price: 1 }, { sku: 'new' }] },
        }),
        status: 422,
        code: 'invalid',
        paths: ['items.1.name', 'items.1.price', 'items.1.stock'],
      },
      {
        name: 'a hundred-and-first item',
        drop: { items: items(100) },
        request: (drop, { server }) => ({
          method: 'PATCH',
          path: `/admin/drops/${drop.id}`,
          token: server.adminToken,
          json: { items: [{ ...item, sku: 'new' }] },
        }),
        status: 422,
        code: 'invalid',
        paths: ['items'],
      },
      {
        name: 'stock below what is held and sold',
        before: async (shop, drop) => {
          await shop.pay(await shop.buy(drop.id, { quantity: 2 }));
          await shop.buy(drop.id);
        },
        request: (drop, { server }) => ({
          method: 'PATCH',
          path: `/admin/drops/${drop.id}`,
          token: server.adminToken,
          json: { items: [{ sku: 'one', stock: 2 }] },
        }),
        status: 422,
        code: 'stock_below_sold',
        paths: ['items.0.stock'],
      },
    ]);
  });

  describe('restock', () => {
    const restock = (name: string, json: unknown, path: string, code = 'invalid'): Scenario => ({
      name,
      before: (shop, drop) => shop.buy(drop.id, { quantity: 3 }),
      request: (drop, { server }) => ({
        method: 'POST',
        path: `/admin/drops/${drop.id}/restock`,
        token: server.adminToken,
        json,
      }),
      status: 422,
      code,
      paths: [path],
    });
    runScenarios(shop, [
      ...[0, ...notWhole, undefined].map((quantity) =>
        restock(`by ${JSON.stringify(quantity)}`, { sku: 'one', quantity }, 'quantity'),
      ),
      restock('beyond counting', { sku: 'one', quantity: Number.MAX_SAFE_INTEGER }, 'quantity'),
      restock('below what is held', { sku: 'one', quantity: -3 }, 'quantity', 'stock_below_sold'),
      restock('below zero', { sku: 'one', quantity: -6 }, 'quantity', 'stock_below_sold'),
      restock('an unknown sku', { sku: 'absent', quantity: 1 }, 'sku'),
      restock('no sku', { quantity: 1 }, 'sku'),
      restock('an unknown key', { sku: 'one', quantity: 1, price: 1 }, 'price'),
    ]);
  });

  it.each([
    { method: 'GET', suffix: '', json: undefined },
    { method: 'PATCH', suffix: '', json: { paused: true } },
    { method: 'POST', suffix: '/restock', json: { sku: 'one', quantity: 1 } },
  ])('$method /admin/drops/:id$suffix of a drop that is not there', async ({ method, suffix, json }) => {
    for (const id of ['absent', unique(), '%00', 'x'.repeat(300)]) {
      const answer = await shop.admin({ method, path: `/admin/drops/${id}${suffix}`, json });
      expectAnswer(answer, { status: 404, code: 'not_found' });
    }
  });
});
