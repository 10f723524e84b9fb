/** Provider answers with missing or invalid fields are not recorded; a later valid one counts. */

import { afterEach, describe, expect, test } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
import type { Purchase } from '../support/shapes.ts';
import { until } from '../support/shop.ts';
import { disputeOf } from '../support/stripe-movements.ts';
import { signedByStripe } from '../support/stripe-signature.ts';
import { useTwoProviders } from '../support/two-providers.ts';
import { withValue, wrongValues } from '../support/wrong-values.ts';

const addresses = [
  'javascript:alert(1)',
  'http://elsewhere.example/',
  'https://a:b@pay.example/',
  '/pay',
  'x\r\ny',
];

describe.each(runtimes)('answers that cannot be read on %s', (runtime) => {
  const { shop, stripe, payos } = useTwoProviders(runtime);
  afterEach(() => {
    stripe.spoils.clear();
    payos.spoils.clear();
  });

  const items = [{ sku: 'one', name: 'One size', price: 250_000, stock: 200 }];
  const newDrop = () => shop.createDrop({ currency: 'VND', items, holdSeconds: 7_200, perCustomer: null });
  const pay = async (purchase: Purchase, provider: string) => {
    const answer = await fetch(`${purchase.payment.url}?with=${provider}`, { redirect: 'manual' });
    await answer.text();
    return { status: answer.status, location: answer.headers.get('location') };
  };
  const webhook = async (provider: string, delivery: object) =>
    shop.send({ method: 'POST', path: `/payments/${provider}/webhook`, ...delivery });
  const reconcile = async (): Promise<{ payments: number; movements: number; failed: number }> =>
    JSON.parse((await shop.admin({ method: 'POST', path: '/admin/reconcile' })).text);
  const statusOf = async (purchase: Purchase) => (await shop.order(purchase)).order.status;
  /** The order's current session. */
  const sessionOf = (purchase: Purchase) => {
    const sessions = [...stripe.sessions.values()];
    const session = sessions.findLast(({ client_reference_id: id }) => id === purchase.order.id);
    if (!session) throw new Error('No session.');
    return session;
  };
  /** payOS signs its answers; a spoilt answer has no signature. */
  const unsigned = (json: unknown) => withValue(json, 'signature', undefined);

  test('no checkout of Stripe is opened, and the next click opens one', async () => {
    const drop = await newDrop();
    const wrong: [path: string, value: unknown][] = [
      ...['id', 'url', 'expires_at'].flatMap((path) => wrongValues.map((value) => [path, value] as const)),
      ...addresses.map((value) => ['url', value] as const),
      ...[[], 7, 'text', true].map((value) => ['', value] as const),
    ].map(([path, value]) => [path, value]);
    const purchase = await shop.buy(drop.id);
    for (const [path, value] of wrong) {
      stripe.spoils.set('POST /v1/checkout/sessions', (json) => withValue(json, path, value));
      const answer = await pay(purchase, 'stripe');
      expect([path, value, answer.status]).toEqual([path, value, 503]);
    }
    stripe.spoils.clear();
    expect((await pay(purchase, 'stripe')).location).toBe(sessionOf(purchase).url);
    expect(await statusOf(purchase)).toBe('held');
  });

  test('no link of payOS is opened, and the next click finds it', async () => {
    const drop = await newDrop();
    const wrong = [
      ...['checkoutUrl', 'orderCode'].flatMap((path) => wrongValues.map((value) => [path, value] as const)),
      ...addresses.map((value) => ['checkoutUrl', value] as const),
    ];
    for (const [path, value] of wrong) {
      const purchase = await shop.buy(drop.id);
      payos.spoils.set('POST /v2/payment-requests', (json) =>
        unsigned(withValue(json, `data.${path}`, value)),
      );
      const answer = await pay(purchase, 'payos');
      expect([path, value, answer.status]).toEqual([path, value, 503]);
      payos.spoils.clear();
      expect((await pay(purchase, 'payos')).location).toMatch(/^https:\/\/pay\.payos\.vn\/web\/\w+$/);
    }
  });

  test('a payment that a look-up at Stripe could not tell is recorded by the next one', async () => {
    const purchase = await shop.buy((await newDrop()).id);
    await pay(purchase, 'stripe');
    const session = sessionOf(purchase);
    await stripe.pay(session.id);
    const paths = [
      'id',
      'status',
      'payment_status',
      'payment_intent',
      'amount_total',
      'currency',
      'metadata',
    ];
    const spoils = paths.flatMap((path) => [undefined, null, {}, 0.5].map((value) => [path, value] as const));
    // The id of another order's session.
    for (const [path, value] of [...spoils, ['id', 'cs_other'] as const]) {
      stripe.spoils.set('GET /v1/checkout/sessions/:id', (json) =>
        (json as { id: string }).id === session.id ? withValue(json, path, value) : json,
      );
      const found = await reconcile();
      expect([path, value, found.failed, found.payments]).toEqual([path, value, 1, 0]);
    }
    expect(await statusOf(purchase)).toBe('held');
    stripe.spoils.clear();
    expect(await reconcile()).toMatchObject({ payments: 1, failed: 0 });
    expect(await statusOf(purchase)).toBe('paid');
  });

  test('a transfer that a look-up at payOS could not tell is recorded by the next one', async () => {
    const purchase = await shop.buy((await newDrop()).id);
    await pay(purchase, 'payos');
    const code = [...payos.links.keys()].at(-1) ?? 0;
    await payos.pay(code);
    const paths = ['id', 'orderCode', 'amount', 'status', 'transactions', 'transactions.0.amount'];
    for (const path of [...paths, 'transactions.0.reference']) {
      // 7 is the order code of another order.
      for (const value of path === 'orderCode' ? [undefined, null, 7] : [undefined, null, {}, 0.5]) {
        payos.spoils.set('GET /v2/payment-requests/:id', (json) =>
          (json as { data: { orderCode: number } }).data.orderCode === code
            ? unsigned(withValue(json, `data.${path}`, value))
            : json,
        );
        const found = await reconcile();
        expect([path, value, found.failed, found.payments]).toEqual([path, value, 1, 0]);
      }
    }
    payos.spoils.clear();
    expect(await reconcile()).toMatchObject({ payments: 1, failed: 0 });
    expect(await statusOf(purchase)).toBe('paid');
  });

  test('a signed webhook that cannot be read is refused, and the right one counts', async () => {
    const purchase = await shop.buy((await newDrop()).id);
    await pay(purchase, 'stripe');
    const right = await stripe.pay(sessionOf(purchase).id);
    const event: unknown = JSON.parse(right.body);
    const fields = ['id', 'status', 'payment_status', 'payment_intent', 'amount_total', 'currency'];
    const paths = [
      'id',
      'type',
      'created',
      'data',
      'data.object',
      ...fields.map((field) => `data.object.${field}`),
    ];
    for (const path of paths) {
      for (const value of [null, {}, [], 0.5]) {
        const body = JSON.stringify(withValue(event, path, value));
        const answer = await webhook('stripe', await signedByStripe(body, stripe.webhookSecret));
        // An event without an object names no order of ours.
        const isIgnored = path === 'data.object' && value !== null && typeof value === 'object';
        expect([path, value, answer.status]).toEqual([path, value, isIgnored ? 200 : 400]);
      }
    }
    for (const body of ['null', '[]', '7', '{}'])
      expect((await webhook('stripe', await signedByStripe(body, stripe.webhookSecret))).status).toBe(400);
    expect(await statusOf(purchase)).toBe('held');
    expect((await webhook('stripe', right)).status).toBe(200);
    expect(await statusOf(purchase)).toBe('paid');
  });

  test('a dispute and a refund that cannot be read keep no other from being recorded', async () => {
    const purchase = await shop.buy((await newDrop()).id);
    await pay(purchase, 'stripe');
    const session = sessionOf(purchase);
    await webhook('stripe', await stripe.pay(session.id));
    const payment = stripe.payments.get(session.payment_intent ?? '');
    if (!payment) throw new Error('No payment.');
    const dispute = disputeOf(payment);
    for (const path of ['id', 'payment_intent', 'status', 'amount', 'currency', 'created']) {
      for (const value of [undefined, {}, [], 0.5]) {
        const spoilt = withValue(dispute, path, value) as object;
        expect([
          path,
          value,
          (await webhook('stripe', await stripe.event('charge.dispute.created', spoilt))).status,
        ]).toEqual([path, value, 400]);
      }
    }
    // In the list that reconciliation reads, it precedes the valid one.
    stripe.disputes.push(dispute, { ...dispute, id: 'dp_spoilt', amount: null } as never);
    const found = await reconcile();
    // At the edge each object sends its own request.
    expect([found.movements, found.failed > 0]).toEqual([1, true]);
    const operated = await shop.admin({ path: `/admin/orders/${purchase.order.id}` });
    expect(JSON.parse(operated.text).order.dispute).toBe('open');
    stripe.disputes.pop();
    stripe.spoils.set('GET /v1/refunds', (json) => withValue(json, 'data', 'none'));
    expect((await reconcile()).failed).toBeGreaterThan(0);
    stripe.disputes.length = 0;
  });

  test.each(['stripe', 'payos'])(
    'a refund at %s whose answers could not be read is sent once',
    async (provider) => {
      const purchase = await shop.buy((await newDrop()).id);
      await pay(purchase, provider);
      const code = [...payos.links.keys()].at(-1) ?? 0;
      const paid = provider === 'stripe' ? stripe.pay(sessionOf(purchase).id) : payos.pay(code);
      await webhook(provider, await paid);
      const [book, list] =
        provider === 'stripe'
          ? ['POST /v1/refunds', 'GET /v1/refunds']
          : ['POST /v1/payouts', 'GET /v1/payouts'];
      const loopback = provider === 'stripe' ? stripe : payos;
      loopback.spoils.set(book, () => ({ code: '00', data: { id: null, transactions: null } }));
      loopback.spoils.set(list, () => ({ code: '00', data: [{ id: {}, status: 7 }], has_more: false }));
      const { length: before } = loopback.asked.filter((route) => route === list);
      await shop.admin({ method: 'POST', path: `/admin/orders/${purchase.order.id}/refund` });
      await until(
        async () => loopback.asked.filter((route) => route === list).length,
        (asked) => asked > before,
      );
      expect((await shop.order(purchase)).refunds).toMatchObject([{ status: 'pending' }]);
      loopback.spoils.clear();
      await shop.orderBecomes(purchase, 'refunded');
      const { order } = purchase;
      const payouts = payos.payouts.length;
      const refunds = [...stripe.payments.values()].find((payment) => payment.order === order.id)?.refunds;
      expect(provider === 'stripe' ? refunds : payouts).toBe(1);
    },
  );
});
