/** Payments through Stripe, end to end: each gets a unit or a refund, despite all faults. */
import { describe, expect, test } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
import type { Purchase } from '../support/shapes.ts';
import { until } from '../support/shop.ts';
import { useStripeShop } from '../support/stripe-shop.ts';
import { signedByStripe, thinEvent } from '../support/stripe-signature.ts';

describe.each(runtimes)('stripe on %s', (runtime) => {
  const shop = useStripeShop(runtime);
  const { stripe } = shop;
  const refundsOf = async (purchase: Purchase) =>
    (await shop.order(purchase)).refunds.map(({ status, reason }) => `${reason} ${status}`);
  const becomes = (purchase: Purchase, ...refunds: string[]) =>
    until(
      () => refundsOf(purchase),
      (seen) => seen.join() === refunds.join(),
    );

  test('redirects a buyer to one session, and sells the unit once it is paid', async () => {
    const drop = await shop.createDrop();
    const purchase = await shop.buy(drop.id);
    const session = await shop.openSession(purchase);
    expect(await shop.openSession(purchase)).toBe(session);
    expect(session).toMatchObject({ amount_total: 1250, currency: 'eur' });
    expect(session.success_url).toMatch(new RegExp(`/o/${purchase.order.id}\\?from=paid$`));
    expect(session.cancel_url).toMatch(new RegExp(`/o/${purchase.order.id}\\?from=cancelled$`));
    const delivery = await stripe.pay(session.id);
    for (const effect of ['paid', 'none'])
      expect(JSON.parse((await shop.deliver(delivery)).text)).toEqual({ received: true, effect });
    expect((await shop.order(purchase)).order.status).toBe('paid');
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ sold: 1, held: 0 });
    expect((await fetch(purchase.payment.url)).status).toBe(410);
  });

  test('acknowledges what Stripe signs without an effect here, and logs each type once', async () => {
    const thin = JSON.stringify(thinEvent);
    const snapshot = (await stripe.event('customer.created', {})).body;
    for (const body of [thin, snapshot, '{"type":"customer.created"}', thin]) {
      const answer = await shop.deliver(await signedByStripe(body, stripe.webhookSecret));
      expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { received: true, effect: 'none' }]);
    }
    for (const type of [undefined, null, 'refund.created']) {
      const body = JSON.stringify({ ...thinEvent, type });
      expect((await shop.deliver(await signedByStripe(body, stripe.webhookSecret))).status).toBe(400);
    }
    for (const secret of ['whsec_other', 'x'])
      expect((await shop.deliver(await signedByStripe(thin, secret))).status).toBe(401);
    expect((await shop.deliver({ body: thin, headers: {} })).status).toBe(401);
    const logged = () => shop.server.output().match(/"type":"v2\.core\.event v1\.billing/g) ?? [];
    await until(
      async () => logged().length,
      (lines) => lines > 0,
    );
    expect(logged()).toHaveLength(1);
  });

  test('opens no session twice for two tabs, nor after an outage of Stripe', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    stripe.fail('POST /v1/checkout/sessions', { kind: 'status', status: 500 });
    const lost = await fetch(purchase.payment.url, { redirect: 'manual' });
    expect([lost.status, await lost.text()]).toEqual([503, expect.stringContaining('Try the payment again')]);
    await Promise.all([shop.openSession(purchase), shop.openSession(purchase)]);
    const ofOrder = [...stripe.sessions.values()].filter(
      (session) => session.client_reference_id === purchase.order.id,
    );
    expect(ofOrder).toHaveLength(1);
  });

  test('two clicks that open a session each redirect to one, and the other is expired at Stripe', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    stripe.fail('POST /v1/checkout/sessions', { kind: 'slow', delayMs: 1_000 });
    const slow = shop.openSession(purchase);
    await until(
      async () =>
        [...stripe.sessions.values()].some(({ client_reference_id: id }) => id === purchase.order.id),
      (isUnderWay) => isUnderWay,
    );
    // Its key is in use: the second click uses another one.
    const session = await shop.openSession(purchase);
    expect(await slow).toBe(session);
    const ofOrder = [...stripe.sessions.values()].filter(
      ({ client_reference_id: id }) => id === purchase.order.id,
    );
    expect(ofOrder.map(({ status }) => status).sort()).toEqual(['expired', 'open']);
    expect(session.status).toBe('open');
    expect(JSON.parse((await shop.charge(session)).text)).toEqual({ received: true, effect: 'paid' });
  });

  test('expires a session whose order ended while Stripe opened it, without a redirect', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    const ofOrder = () =>
      [...stripe.sessions.values()].filter((session) => session.client_reference_id === purchase.order.id);
    // Long enough for the job that closes released orders' checkouts to find none.
    stripe.fail('POST /v1/checkout/sessions', { kind: 'slow', delayMs: 1_500 });
    const opening = fetch(purchase.payment.url, { redirect: 'manual' });
    await until(
      async () => ofOrder().length,
      (sessions) => sessions === 1,
    );
    expect((await shop.cancel(purchase)).status).toBe(200);
    const page = await opening;
    expect([page.status, await page.text()]).toEqual([
      410,
      expect.stringContaining('reservation was released'),
    ]);
    expect(ofOrder().map(({ status }) => status)).toEqual(['expired']);
    expect((await fetch(purchase.payment.url)).status).toBe(410);
  });

  test.each([
    ['a wrong amount', { amount: 1 }, 'wrong_amount', 'held'],
    ['another currency', { currency: 'usd' }, 'wrong_amount', 'held'],
  ])('refunds %s, and the order waits for the right money', async (_, charge, reason, status) => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    await shop.charge(await shop.openSession(purchase), charge);
    await becomes(purchase, `${reason} sent`);
    expect((await shop.order(purchase)).order.status).toBe(status);
  });

  test('refunds the second payment', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    const session = await shop.openSession(purchase);
    await shop.charge(session);
    await shop.charge(session);
    await becomes(purchase, 'paid_twice sent');
    expect((await shop.order(purchase)).order.status).toBe('paid');
  });

  test('gives a late payment a free unit or a refund', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1250, stock: 1 }] });
    const late = await shop.buy(drop.id);
    const lateSession = await shop.openSession(late);
    await shop.cancel(late);
    const later = await shop.buy(drop.id);
    const laterSession = await shop.openSession(later);
    await shop.cancel(later);
    // A hold that is over must not be paid: the server ends its sessions, but these buyers were
    // faster.
    await Promise.all([lateSession, laterSession].map((session) => shop.sessionEnds(session)));
    expect(laterSession.status).toBe('expired');
    await shop.charge(lateSession);
    await shop.charge(laterSession);
    expect((await shop.order(late)).order.status).toBe('paid');
    await becomes(later, 'sold_out sent');
    expect((await shop.order(later)).order.status).toBe('refunded');
  });

  test('sends a refund once, despite lost answers and an outage of Stripe', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    const session = await shop.openSession(purchase);
    await shop.charge(session);
    const { payment_intent: paid } = session;
    stripe.fail('POST /v1/refunds', { kind: 'status', status: 500 }, { kind: 'lost' });
    const asked = { method: 'POST', path: `/admin/orders/${purchase.order.id}/refund` };
    expect((await shop.admin(asked)).status).toBe(200);
    await until(
      () => refundsOf(purchase),
      ([refund]) => refund === 'operator sent',
    );
    expect(stripe.payments.get(paid ?? '')?.refunds).toBe(1);
    expect((await shop.admin(asked)).status).toBe(409);
  });

  test('finds payments without a webhook, also after a restart', async () => {
    const [onDemand, atStart] = [
      await shop.buy((await shop.createDrop()).id),
      await shop.buy((await shop.createDrop()).id),
    ];
    await stripe.pay((await shop.openSession(onDemand)).id);
    const answer = await shop.admin({ method: 'POST', path: '/admin/reconcile' });
    expect(JSON.parse(answer.text)).toMatchObject({ payments: 1, failed: 0 });
    expect((await shop.order(onDemand)).order.status).toBe('paid');
    await stripe.pay((await shop.openSession(atStart)).id);
    const { databaseFile } = shop.server;
    await shop.server.kill();
    await shop.start(runtime, databaseFile);
    await shop.orderBecomes(atStart, 'paid');
  });

  test('a bad webhook is refused and changes nothing', async () => {
    const drop = await shop.createDrop();
    const purchase = await shop.buy(drop.id);
    const { body, headers } = await stripe.pay((await shop.openSession(purchase)).id);
    const before = await shop.stateOf(drop.id);
    const secret = stripe.webhookSecret;
    const other = JSON.parse(body);
    other.data.object.metadata = {};
    const refused: [string, { body: string; headers: Record<string, string> }, number][] = [
      ['no signature', { body, headers: {} }, 401],
      ['wrong secret', await signedByStripe(body, 'whsec_other'), 401],
      ['re-serialised', { body: JSON.stringify(JSON.parse(body)), headers }, 401],
      ['tomorrow', await signedByStripe(body, secret, -86_400), 401],
      ['an hour ago', await signedByStripe(body, secret, 3_600), 401],
      ['a megabyte', await signedByStripe(`${body}${' '.repeat(2 ** 20)}`, secret), 413],
      ['no JSON', await signedByStripe('{', secret), 400],
      ['the order of another shop', await signedByStripe(JSON.stringify(other), secret), 200],
    ];
    for (const [name, delivery, status] of refused) {
      expect((await shop.deliver(delivery)).status, name).toBe(status);
      expect(await shop.stateOf(drop.id), name).toBe(before);
      expect((await shop.order(purchase)).payments, name).toEqual([]);
    }
    expect((await shop.deliver({ body, headers })).status).toBe(200);
    expect((await shop.order(purchase)).order.status).toBe('paid');
  });
});
