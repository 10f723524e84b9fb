/** Stripe's answers, end to end: replayed errors, late failures, and changed accounts. */
import { describe, expect, test } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
import type { Purchase } from '../support/shapes.ts';
import { until } from '../support/shop.ts';
import { useStripeShop } from '../support/stripe-shop.ts';

const refundRoute = 'POST /v1/refunds';
const sessionRoute = 'POST /v1/checkout/sessions';
const broken = { kind: 'status', status: 500 } as const;

describe.each(runtimes)('stripe’s answers on %s', (runtime) => {
  const shop = useStripeShop(runtime);
  const { stripe } = shop;
  const longHold = { holdSeconds: 86_400 };
  const statusesOf = async (purchase: Purchase) =>
    (await shop.order(purchase)).payments.map(({ status }) => status);
  const reconcile = async (): Promise<{ checkouts: number; payments: number; failed: number }> =>
    JSON.parse((await shop.admin({ method: 'POST', path: '/admin/reconcile' })).text);

  test('a refund is sent once, although Stripe replays its errors', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    const session = await shop.openSession(purchase);
    await shop.charge(session);
    stripe.takesEveryRefund = true;
    stripe.fail(refundRoute, broken, { ...broken, takesEffect: true });
    await shop.admin({ method: 'POST', path: `/admin/orders/${purchase.order.id}/refund` });
    await until(
      async () => (await shop.order(purchase)).refunds.map(({ status }) => status),
      ([status]) => status === 'sent',
    );
    expect(stripe.payments.get(session.payment_intent ?? '')?.refunds).toBe(1);
  });

  test('a long hold can be paid on the click after an error, by one session', async () => {
    const purchase = await shop.buy((await shop.createDrop(longHold)).id);
    stripe.fail(sessionRoute, broken);
    expect((await fetch(purchase.payment.url, { redirect: 'manual' })).status).toBe(503);
    const [one, two] = await Promise.all([shop.openSession(purchase), shop.openSession(purchase)]);
    expect(one).toBe(two);
  });

  test('a long hold can be paid though its title has changed since an answer was lost', async () => {
    const drop = await shop.createDrop(longHold);
    const purchase = await shop.buy(drop.id);
    // The SDK retries a request once whose connection was closed: both are still on their way.
    stripe.fail(sessionRoute, { kind: 'late' }, { kind: 'late' });
    expect((await fetch(purchase.payment.url, { redirect: 'manual' })).status).toBe(503);
    stripe.faults.clear();
    await stripe.land();
    const edit = {
      method: 'PATCH',
      path: `/admin/drops/${drop.id}`,
      body: JSON.stringify({ title: 'Other' }),
    };
    expect((await shop.admin(edit)).status).toBe(200);
    expect((await shop.openSession(purchase)).client_reference_id).toBe(purchase.order.id);
  });

  test('a failed slow payment is looked up once, and the buyer can pay again', async () => {
    const purchase = await shop.buy((await shop.createDrop(longHold)).id);
    const session = await shop.openSession(purchase);
    await shop.deliver(await stripe.payLater(session.id));
    const pending = await reconcile();
    // Its webhook is lost: only a look-up finds it.
    const failed = await stripe.failLater(session.id);
    await reconcile();
    expect(await statusesOf(purchase)).toEqual(['declined']);
    expect((await reconcile()).checkouts).toBe(pending.checkouts - 1);
    // The lost webhook arrives after all.
    expect(JSON.parse((await shop.deliver(failed)).text)).toEqual({ received: true, effect: 'none' });
    expect(await statusesOf(purchase)).toEqual(['declined']);
    const again = await shop.openSession(purchase);
    expect(again.id).not.toBe(session.id);
    await shop.charge(again);
    expect((await shop.order(purchase)).order.status).toBe('paid');
  });

  test('the webhook of a payment that failed ends its checkout', async () => {
    const purchase = await shop.buy((await shop.createDrop(longHold)).id);
    const session = await shop.openSession(purchase);
    await shop.deliver(await stripe.payLater(session.id));
    const { checkouts } = await reconcile();
    await shop.deliver(await stripe.failLater(session.id));
    expect(await statusesOf(purchase)).toEqual(['declined']);
    expect((await reconcile()).checkouts).toBe(checkouts - 1);
  });

  test('a session that Stripe does not know is reported, and sells nothing', async () => {
    const purchase = await shop.buy((await shop.createDrop(longHold)).id);
    const session = await shop.openSession(purchase);
    stripe.sessions.delete(session.id);
    expect(await reconcile()).toMatchObject({ payments: 0, failed: 1 });
    expect((await shop.order(purchase)).order.status).toBe('held');
  });
});
