/** Shops on one provider account: each gets every webhook, and records only its own sales. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, readJson } from '../support/client.ts';
import { runtimes } from '../support/contract-server.ts';
import { type LoopbackLink, LoopbackPayos } from '../support/loopback-payos.ts';
import { payosSettings } from '../support/provider-settings.ts';
import { startServer } from '../support/server-process.ts';
import type { Purchase } from '../support/shapes.ts';
import { payPath, Shop } from '../support/shop.ts';
import { disputeOf } from '../support/stripe-movements.ts';
import { StripeShop, useStripeShop } from '../support/stripe-shop.ts';
import type { Delivery } from '../support/stripe-signature.ts';

const otherKey = { SECRET_KEY: 'another-secret-key-0123456789abcdef0123456789abcdef' };
const effectOf = (answer: Answer): string => {
  expect(answer.status, answer.text).toBe(200);
  return readJson<{ effect: string }>(answer).effect;
};
interface OrderList {
  orders: { status: string }[];
}
const refundsOf = async (shop: Shop): Promise<unknown[]> => {
  const lists = ['pending', 'sent', 'failed'].map((status) =>
    shop.admin({ path: `/admin/refunds?status=${status}` }),
  );
  return (await Promise.all(lists)).flatMap((answer) => readJson<{ refunds: unknown[] }>(answer).refunds);
};

describe.each(runtimes)('one Stripe account, on %s', (runtime) => {
  const first = new StripeShop();
  const { stripe } = first;
  const [second, withSameKey] = [new StripeShop(stripe), new StripeShop(stripe)];
  const shops = [first, second, withSameKey];
  const drops = new Map<StripeShop, string>();
  beforeAll(async () => {
    await stripe.listen();
    await first.start(runtime);
    await second.start(runtime, undefined, otherKey);
    await withSameKey.start(runtime);
    // Their ids derive from one key, too.
    for (const shop of shops) drops.set(shop, (await shop.createDrop()).id);
  });
  afterAll(async () => {
    for (const shop of shops) await shop.end();
    await stripe.close();
  });

  const deliverToAll = (delivery: Delivery): Promise<string[]> =>
    Promise.all(shops.map(async (shop) => effectOf(await shop.deliver(delivery))));

  test.each([0, 1, 2])('the sale, dispute and refund of shop %i belong to no other shop', async (seller) => {
    const shop = shops[seller] ?? first;
    const onlySeller = (effect: string): string[] => shops.map((one) => (one === shop ? effect : 'none'));
    const purchase = await shop.buy((await shop.createDrop()).id);
    const session = await shop.openSession(purchase);
    expect(await deliverToAll(await stripe.pay(session.id))).toEqual(onlySeller('paid'));

    const payment = stripe.payments.get(session.payment_intent ?? '');
    if (!payment) throw new Error('Stripe has no payment.');
    const dispute = disputeOf(payment);
    stripe.disputes.push(dispute);
    expect(await deliverToAll(await stripe.event('charge.dispute.created', dispute))).toEqual(
      onlySeller('dispute'),
    );
    for (const one of shops) {
      const reconciled = await one.admin({ method: 'POST', path: '/admin/reconcile' });
      expect(readJson(reconciled)).toMatchObject({ movements: 0, payments: 0, failed: 0 });
      expect(await refundsOf(one)).toEqual([]);
    }
    expect(payment.refunds).toBe(0);
    expect((await shop.order(purchase)).order.status).toBe('paid');
  });
});

describe.each(runtimes)('one payOS channel, on %s', (runtime) => {
  const payos = new LoopbackPayos();
  const [first, second] = [new Shop(), new Shop()];
  beforeAll(async () => {
    await payos.listen();
    const env = {
      PAYMENT_PROVIDERS: 'payos',
      ...payosSettings(payos),
    };
    first.open(await startServer({ runtime, env }));
    second.open(await startServer({ runtime, env: { ...env, ...otherKey } }));
  });
  afterAll(async () => {
    for (const shop of [first, second]) expect(await shop.server.stop()).toEqual({ code: 0, signal: null });
    await payos.close();
  });

  const deliver = async (shop: Shop, delivery: Delivery): Promise<string> =>
    effectOf(await shop.send({ method: 'POST', path: '/payments/payos/webhook', ...delivery }));
  const openLink = async (shop: Shop): Promise<{ purchase: Purchase; code: number }> => {
    const items = [{ sku: 'one', name: 'One size', price: 250_000, stock: 5 }];
    const purchase = await shop.buy((await shop.createDrop({ currency: 'VND', items })).id);
    expect((await shop.send({ path: payPath(purchase) })).status).toBe(303);
    return { purchase, code: [...payos.links.keys()].at(-1) ?? 0 };
  };

  test('a sale of one shop does not belong to the other', async () => {
    for (const [seller, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const { purchase, code } = await openLink(seller);
      const delivery = await payos.pay(code);
      expect(await deliver(other, delivery)).toBe('none');
      expect(await deliver(seller, delivery)).toBe('paid');
      expect(await refundsOf(other)).toEqual([]);
      expect((await seller.order(purchase)).order.status).toBe('paid');
    }
    expect(payos.payouts).toEqual([]);
  });

  test('a sale of other software belongs to no shop', async () => {
    const { code } = await openLink(first);
    const link = payos.links.get(code);
    if (!link) throw new Error('payOS has no link.');
    // Order numbers of other software: counted, from the clock, or random.
    for (const orderCode of [1_001, Date.now(), Math.floor(Math.random() * 2 ** 48), 2 ** 52 + 5]) {
      payos.links.set(orderCode, {
        ...link,
        id: 'f'.repeat(32),
        orderCode,
        description: 'ORDER 12',
        transactions: [],
      });
      const delivery = await payos.pay(orderCode);
      for (const shop of [first, second]) expect(await deliver(shop, delivery)).toBe('none');
    }
    for (const shop of [first, second]) expect(await refundsOf(shop)).toEqual([]);
    expect(payos.payouts).toEqual([]);
  });
});

describe.each(runtimes)('a changed SECRET_KEY, on %s', (runtime) => {
  const shop = useStripeShop(runtime);

  test('refunds no sale: known checkouts are still paid, and the others are reported to the operator', async () => {
    const { stripe } = shop;
    const purchase = await shop.buy((await shop.createDrop()).id);
    const session = await shop.openSession(purchase);
    const lost = await stripe.pay(session.id);
    const { databaseFile } = shop.server;
    await shop.server.stop();
    await shop.start(runtime, databaseFile, otherKey);

    // Stripe's checkout id is enough; at the edge only the object knows it, and looks it up when it
    // wakes.
    if (runtime !== 'workerd') expect(effectOf(await shop.deliver(lost))).toMatch(/paid|none/);
    await shop.admin({ method: 'POST', path: '/admin/reconcile' });
    await expect
      .poll(async () => readJson<OrderList>(await shop.admin({ path: '/admin/orders' })).orders)
      .toMatchObject([{ status: 'paid' }]);

    // A checkout of the old key that is not in the file.
    const unknown = JSON.parse((await stripe.pay(session.id)).body).data.object;
    const event = await stripe.event('checkout.session.completed', { ...unknown, id: 'cs_unknown' });
    expect(effectOf(await shop.deliver(event))).toBe('none');
    expect(await refundsOf(shop)).toEqual([]);
    expect(stripe.refunds).toEqual([]);
    expect(shop.server.output()).toMatch(
      new RegExp(
        `"reference":"${unknown.payment_intent}".*a payment names an order that SECRET_KEY cannot read`,
      ),
    );
    if (runtime === 'workerd') return;
    const { text } = await shop.send({ path: '/metrics' });
    expect(text).toContain('stampede_payments_ignored_total{reason="unreadable"} 1');
    expect(text).toContain('stampede_payments_ignored_total{reason="foreign"} 0');
  });
});

describe.each(runtimes)('a new file with the SECRET_KEY of the lost one, on %s', (runtime) => {
  const shop = useStripeShop(runtime);

  test('neither records nor refunds payments of lost orders, and logs each', async () => {
    const session = await shop.openSession(await shop.buy((await shop.createDrop()).id));
    const paid = await shop.stripe.pay(session.id);
    await shop.server.stop();
    await shop.start(runtime);
    expect(effectOf(await shop.deliver(paid))).toBe('none');
    expect(await refundsOf(shop)).toEqual([]);
    const { payment_intent: reference } = JSON.parse(paid.body).data.object;
    expect(shop.server.output()).toMatch(new RegExp(`"reference":"${reference}".*under another mark`));
    if (runtime === 'workerd') return;
    const { text } = await shop.send({ path: '/metrics' });
    expect(text).toContain('stampede_payments_ignored_total{reason="other_mark"} 1');
  });
});

describe.each(runtimes)('a new file with the SECRET_KEY of the lost one, at payOS, on %s', (runtime) => {
  const payos = new LoopbackPayos();
  const shop = new Shop();
  const start = async () => {
    const env = { PAYMENT_PROVIDERS: 'payos', ...payosSettings(payos) };
    shop.open(await startServer({ runtime, env }));
    const items = [{ sku: 'one', name: 'One size', price: 250_000, stock: 5 }];
    return shop.createDrop({ currency: 'VND', items });
  };
  afterAll(() => payos.close());

  test('payments of lost orders at payOS are logged, those of other software are not', async () => {
    await payos.listen();
    const purchase = await shop.buy((await start()).id);
    expect((await shop.send({ path: payPath(purchase) })).status).toBe(303);
    const [[code, link] = [0]] = payos.links;
    const paid = await payos.pay(code);
    payos.links.set(1_001, { ...link, orderCode: 1_001, transactions: [] } as LoopbackLink);
    const foreign = await payos.pay(1_001);
    expect(await shop.server.stop()).toEqual({ code: 0, signal: null });
    await start();
    for (const { body } of [foreign, paid])
      expect(effectOf(await shop.send({ method: 'POST', path: '/payments/payos/webhook', body }))).toBe(
        'none',
      );
    expect(await refundsOf(shop)).toEqual([]);
    const referenceOf = ({ body }: Delivery) => JSON.parse(body).data.reference;
    const logged = (delivery: Delivery) =>
      new RegExp(`"reference":"\\d+:${referenceOf(delivery)}".*under another mark`);
    await expect.poll(() => shop.server.output()).toMatch(logged(paid));
    expect(shop.server.output()).not.toMatch(logged(foreign));
    if (runtime !== 'workerd') {
      const { text } = await shop.send({ path: '/metrics' });
      for (const [reason, count] of [
        ['other_mark', 1],
        ['foreign', 1],
      ])
        expect(text).toContain(`stampede_payments_ignored_total{reason="${reason}"} ${count}`);
    }
    expect(await shop.server.stop()).toEqual({ code: 0, signal: null });
  });
});
