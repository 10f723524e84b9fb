/** Erasing a customer: holds end, money that comes later goes back, and what is still owed needs a word on it. */
import { describe, expect, test } from 'vitest';
import { canary, readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { violationsOf } from '../support/database-files.ts';
import type { Purchase } from '../support/shapes.ts';
import { unique } from '../support/shop.ts';
import { paymentEvent, signedWebhook } from '../support/signed-webhook.ts';

interface Refused {
  code: string;
  errors: { path: string; message: string }[];
}

describe.each(runtimes)('erasing a customer on %s', (runtime) => {
  const shop = useServer(runtime);
  const person = () => ({
    email: `o'erase-${unique()}@${canary}.example`,
    name: `Name ${canary}`,
    phone: '+19995550321',
    address: `Street ${canary}`,
  });
  const erase = async (email: string, more: object = {}) => {
    const answer = await shop.admin({
      method: 'POST',
      path: '/admin/customers/erase',
      json: { email, ...more },
    });
    return { status: answer.status, body: readJson<{ orders?: number } & Partial<Refused>>(answer) };
  };
  const adminOrder = async ({ order }: Purchase) =>
    readJson<{ order: { email: string | null; status: string; releaseReason?: string } }>(
      await shop.admin({ path: `/admin/orders/${order.id}` }),
    ).order;
  const payLate = async (purchase: Purchase) =>
    expect(
      (await shop.send(signedWebhook(shop.server.secretKey, paymentEvent(purchase)))).status,
    ).toBeLessThan(300);
  const expectMoneyBack = async (purchase: Purchase) => {
    await shop.orderBecomes(purchase, 'refunded');
    expect((await shop.order(purchase)).refunds).toMatchObject([
      { status: 'sent', reason: 'customer_erased', amount: 1250 },
    ]);
    expect((await shop.drop(purchase.order.dropId)).items[0]).toMatchObject({ available: 5 });
  };

  test('ends a hold; the payment that arrives then is refunded', async () => {
    const drop = await shop.createDrop();
    const customer = person();
    const purchase = await shop.buy(drop.id, { customer });
    expect(await erase(customer.email)).toEqual({ status: 200, body: { orders: 1 } });
    expect(await adminOrder(purchase)).toMatchObject({
      email: null,
      status: 'released',
      releaseReason: 'erased',
    });
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ available: 5 });
    await payLate(purchase);
    await expectMoneyBack(purchase);
    expect(await erase(customer.email)).toEqual({ status: 200, body: { orders: 0 } });
    expect(violationsOf(shop.server)).toEqual([]);
  });

  test('refunds the money of an order that was cancelled before', async () => {
    const customer = person();
    const purchase = await shop.buy((await shop.createDrop()).id, { customer });
    await shop.cancel(purchase);
    await erase(customer.email);
    await payLate(purchase);
    await expectMoneyBack(purchase);
    expect(violationsOf(shop.server)).toEqual([]);
  });

  test('changes nothing until every order that is owed something is named', async () => {
    const customer = person();
    const drops = [await shop.createDrop(), await shop.createDrop(), await shop.createDrop()];
    const [held, paid, fulfilled, later] = [
      await shop.buy(drops[0]?.id ?? '', { customer }),
      await shop.buy(drops[1]?.id ?? '', { customer }),
      await shop.buy(drops[1]?.id ?? '', { customer }),
      await shop.buy(drops[2]?.id ?? '', { customer }),
    ];
    for (const purchase of [paid, fulfilled, later]) await shop.pay(purchase);
    await shop.admin({ method: 'POST', path: `/admin/orders/${fulfilled.order.id}/fulfil` });
    const ids = [paid.order.id, later.order.id];

    for (const openOrders of [
      undefined,
      [],
      [paid.order.id],
      [fulfilled.order.id, 'ord_AAAAAAAAAAAAAAAAAAAAAA'],
    ]) {
      const { status, body } = await erase(customer.email, { openOrders });
      expect([status, body.code]).toEqual([409, 'open_orders']);
      expect(new Set(body.errors?.map(({ path }) => path))).toEqual(
        new Set(openOrders?.length === 1 && runtime === 'workerd' ? [later.order.id] : ids),
      );
      for (const purchase of [held, paid, fulfilled, later]) {
        expect((await adminOrder(purchase)).email).toBe(customer.email);
      }
      expect((await adminOrder(held)).status).toBe('held');
    }
    expect(await erase(customer.email, { openOrders: ids, dryRun: true })).toEqual({
      status: 200,
      body: { orders: 4 },
    });
    expect((await adminOrder(held)).email).toBe(customer.email);
    expect(await erase(customer.email, { openOrders: ids })).toEqual({ status: 200, body: { orders: 4 } });
    for (const purchase of [held, paid, fulfilled, later])
      expect((await adminOrder(purchase)).email).toBe(null);
    expect((await adminOrder(paid)).status).toBe('paid');

    const again = await shop.buy(drops[0]?.id ?? '', { customer });
    expect(again.order.id).not.toBe(held.order.id);
    expect((await adminOrder(again)).email).toBe(customer.email);
    expect(violationsOf(shop.server)).toEqual([]);
  });

  test.each([
    [{ openOrders: 'all' }],
    [{ openOrders: [7] }],
    [{ openOrders: ['ord_none'] }],
    [{ dryRun: 'yes' }],
  ])('refuses %j', async (more) => {
    const { status, body } = await erase(person().email, more);
    expect([status, body.errors?.[0]?.path.split('.')[0]]).toEqual([422, Object.keys(more)[0]]);
  });
});
