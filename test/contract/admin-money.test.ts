/** Refund, fulfil, close and delete: each is recorded with its operator and time. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canary, readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { databaseFilesOf, readEach, violationsOf } from '../support/database-files.ts';
import type { Purchase } from '../support/shapes.ts';
import { customer, purchaseCall, unique, until } from '../support/shop.ts';

describe.each(runtimes)('operator’s orders on %s', (runtime) => {
  const shop = useServer(runtime);
  const post = (path: string, json?: unknown) =>
    shop.admin({ method: 'POST', path, ...(json === undefined ? {} : { json }) });
  const orderPath = ({ order }: Purchase) => `/admin/orders/${order.id}`;
  const item = async (dropId: string) => (await shop.drop(dropId)).items[0];
  const bought = async (dropId: string, changes = {}): Promise<Purchase> => {
    const purchase = await shop.buy(dropId, changes);
    await shop.pay(purchase);
    return purchase;
  };
  const actionsOf = (kind: string) =>
    readEach(shop.server, (file) =>
      file
        .prepare<[string], { actor: string; at: number }>('select actor, at from events where kind = ?')
        .all(kind),
    );

  test.each([
    ['on sale again', undefined, 5],
    ['on sale again, said so', { restock: true }, 5],
    ['out of the stock', { restock: false }, 4],
  ])('a refund puts the unit %s, and the money goes back', async (_, body, stock) => {
    const drop = await shop.createDrop();
    const purchase = await bought(drop.id);
    expect((await post(`${orderPath(purchase)}/refund`, body)).status).toBe(200);
    expect(await item(drop.id)).toMatchObject({ stock, sold: 0, available: stock });
    await shop.orderBecomes(purchase, 'refunded');
    expect((await shop.order(purchase)).refunds).toMatchObject([
      { status: 'sent', reason: 'operator', amount: 1250 },
    ]);
    const again = await post(`${orderPath(purchase)}/refund`, body);
    expect([again.status, readJson<{ code: string }>(again).code]).toEqual([409, 'wrong_status']);
    expect(violationsOf(shop.server)).toEqual([]);
  });

  test('an unpaid or unknown order is not refunded', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    expect((await post(`${orderPath(purchase)}/refund`)).status).toBe(409);
    expect((await post('/admin/orders/ord_none/refund')).status).toBe(404);
    expect((await post(`${orderPath(purchase)}/refund`, { restock: 'yes' })).status).toBe(422);
  });

  test('an order is fulfilled with its tracking code, which the buyer sees', async () => {
    const purchase = await bought((await shop.createDrop()).id);
    const fulfil = (json?: unknown) => post(`${orderPath(purchase)}/fulfil`, json);
    expect((await fulfil({ trackingCode: 'TRACK 1' })).status).toBe(200);
    expect((await fulfil({ trackingCode: 'TRACK 1' })).status).toBe(200);
    expect((await fulfil()).status).toBe(200);
    expect((await shop.order(purchase)).order).toMatchObject({
      status: 'fulfilled',
      trackingCode: 'TRACK 1',
    });
    expect((await fulfil({ trackingCode: 'TRACK 2' })).status).toBe(200);
    expect((await shop.order(purchase)).order).toMatchObject({ trackingCode: 'TRACK 2' });
    expect((await post(`${orderPath(purchase)}/refund`)).status).toBe(409);
    const held = await shop.buy((await shop.createDrop()).id);
    expect((await post(`${orderPath(held)}/fulfil`)).status).toBe(409);
    expect((await fulfil({ trackingCode: '' })).status).toBe(422);
    expect(actionsOf('fulfilled')).toHaveLength(1);
    expect(actionsOf('tracking_changed')).toHaveLength(1);
  });

  test('a drop is closed at once, and stays closed', async () => {
    const drop = await shop.createDrop();
    const closed = readJson<{ phase: string; endsAt: string }>(await post(`/admin/drops/${drop.id}/close`));
    expect(closed.phase).toBe('ended');
    expect((await shop.send(purchaseCall(drop.id))).status).toBe(409);
    expect(readJson(await post(`/admin/drops/${drop.id}/close`))).toMatchObject({ endsAt: closed.endsAt });
    const later = await shop.createDrop({ startsAt: '2999-01-01T00:00:00Z' });
    expect(readJson(await post(`/admin/drops/${later.id}/close`))).toMatchObject({ phase: 'ended' });
  });

  test('deleted personal data is in no answer and no byte of the file; records and the limit stay', async () => {
    const drop = await shop.createDrop({ perCustomer: 1 });
    const who = `gone-${unique()}`;
    const email = `${who}@${canary}.example`;
    const person = { email, name: `Name ${who}`, phone: '+19995550321', address: `Street ${who}` };
    const purchase = await bought(drop.id, { customer: person });
    const other = await bought(drop.id, { customer: customer() });
    const openOrders = [purchase.order.id];
    const erased = await post('/admin/customers/erase', { email: email.toUpperCase(), openOrders });
    expect(readJson(erased)).toEqual({ orders: 1 });
    expect(readJson(await post('/admin/customers/erase', { email }))).toEqual({ orders: 0 });
    expect((await shop.admin({ path: orderPath(purchase) })).text).not.toContain(who);
    expect((await shop.admin({ path: orderPath(other) })).text).toContain(canary);
    expect((await shop.order(purchase)).order.status).toBe('paid');
    expect((await shop.send(purchaseCall(drop.id, { customer: person }))).status).toBe(409);
    // Until the WAL is checkpointed and restarted, its older pages still contain the data.
    await until(
      async () => databaseFilesOf(shop.server).some((file) => readFileSync(file).includes(who)),
      (isThere) => !isThere,
    );
    expect(violationsOf(shop.server)).toEqual([]);
    expect(actionsOf('customer_erased')).toMatchObject([{ actor: 'operator' }]);
  });

  test('failed refunds are listed, and only they are retried', async () => {
    const purchase = await bought((await shop.createDrop()).id);
    await post(`${orderPath(purchase)}/refund`);
    await shop.orderBecomes(purchase, 'refunded');
    const list = await shop.admin({ path: '/admin/refunds?status=sent' });
    const { refunds } = readJson<{ refunds: { id: string; orderId: string }[] }>(list);
    const mine = refunds.find(({ orderId }) => orderId === purchase.order.id);
    expect((await post(`/admin/refunds/${mine?.id}/retry`)).status).toBe(409);
    expect((await post('/admin/refunds/rfd_none/retry')).status).toBe(404);
    expect((await shop.admin({ path: '/admin/refunds?status=lost' })).status).toBe(422);
    expect(readJson(await shop.admin({ path: '/admin/refunds' }))).toEqual({ refunds: [], nextCursor: null });
  });
});
