/** Deleting a customer's data: holds end, late payments are refunded, open orders need consent. */
import { describe, expect, test } from 'vitest';
import { canary, readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { violationsOf } from '../support/database-files.ts';
import type { Purchase } from '../support/shapes.ts';
import { unique } from '../support/shop.ts';
import { paymentEvent, signedWebhook } from '../support/signed-webhook.ts';
import { useStripeShop } from '../support/stripe-shop.ts';

interface Refused {
  code: string;
  errors: { path: string; message: string }[];
}

describe.each(runtimes)('deleting a customer on %s', (runtime) => {
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

  test('changes nothing until every open order is named', async () => {
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
      [later.order.id],
      [fulfilled.order.id, held.order.id],
    ]) {
      const { status, body } = await erase(customer.email, { openOrders });
      expect([status, body.code]).toEqual([409, 'open_orders']);
      expect(body.errors?.map(({ path }) => path).toSorted()).toEqual(ids.toSorted());
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

  test('refuses another customer’s order, and changes nothing', async () => {
    const customer = person();
    const drops = [await shop.createDrop(), await shop.createDrop()];
    const [held, paid] = [
      await shop.buy(drops[0]?.id ?? '', { customer }),
      await shop.buy(drops[1]?.id ?? '', { customer }),
    ];
    await shop.pay(paid);
    const foreign = await shop.buy(drops[0]?.id ?? '');
    const unknown = 'ord_AAAAAAAAAAAAAAAAAAAAAA';
    for (const [openOrders, positions] of [
      [[unknown], [0]],
      [[paid.order.id, unknown], [1]],
      [
        [unknown, paid.order.id, foreign.order.id],
        [0, 2],
      ],
      [
        [foreign.order.id, paid.order.id, held.order.id, foreign.order.id],
        [0, 3],
      ],
    ] as const) {
      for (const dryRun of [true, false]) {
        const { status, body } = await erase(customer.email, { openOrders, dryRun });
        expect([status, body.code]).toEqual([422, 'invalid']);
        expect(body.errors).toEqual(
          positions.map((position) => ({
            path: `openOrders.${position}`,
            message: 'The customer has no such order.',
          })),
        );
      }
    }
    for (const purchase of [held, paid]) expect((await adminOrder(purchase)).email).toBe(customer.email);
    expect((await adminOrder(held)).status).toBe('held');
    // A retry names the same orders as the first request.
    const openOrders = [paid.order.id];
    for (const orders of [2, 0]) {
      expect(await erase(customer.email, { openOrders })).toEqual({ status: 200, body: { orders } });
    }
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

describe.each(runtimes)('deleting a customer during a Stripe checkout, on %s', (runtime) => {
  const shop = useStripeShop(runtime);
  const { stripe } = shop;
  const email = () => `erased-${unique()}@${canary}.example`;
  const erase = (address: string) =>
    shop.admin({ method: 'POST', path: '/admin/customers/erase', json: { email: address } });
  const refundsOf = async (purchase: Purchase) => (await shop.order(purchase)).refunds;
  const expectOneRefund = async (purchase: Purchase, payments: number) => {
    await shop.orderBecomes(purchase, 'refunded');
    expect(await refundsOf(purchase)).toMatchObject([{ status: 'sent', reason: 'customer_erased' }]);
    const ofOrder = [...stripe.payments.values()].filter(({ order }) => order === purchase.order.id);
    expect(ofOrder.map(({ refunds }) => refunds)).toEqual(Array(payments).fill(1));
  };

  test('expires the open session, and refunds a payment that arrives later', async () => {
    const address = email();
    const purchase = await shop.buy((await shop.createDrop()).id, { customer: { email: address } });
    const session = await shop.openSession(purchase);
    expect((await erase(address)).status).toBe(200);
    await shop.sessionEnds(session);
    expect(session.status).toBe('expired');
    expect((await fetch(purchase.payment.url)).status).toBe(410);
    const delivery = await stripe.pay(session.id);
    for (const effect of ['refund_due', 'none'])
      expect(JSON.parse((await shop.deliver(delivery)).text)).toEqual({ received: true, effect });
    await expectOneRefund(purchase, 1);
  });

  test('finds a payment without a webhook, and refunds it', async () => {
    const address = email();
    const purchase = await shop.buy((await shop.createDrop()).id, { customer: { email: address } });
    const session = await shop.openSession(purchase);
    await stripe.pay(session.id);
    expect((await erase(address)).status).toBe(200);
    await expectOneRefund(purchase, 1);
  });
});
