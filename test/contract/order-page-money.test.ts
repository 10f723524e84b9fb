/** What an order's page says about money: nothing unconfirmed, and every refunded amount. */
import { describe, expect, test } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
import { useOutsideMoney } from '../support/outside-money.ts';
import type { Purchase } from '../support/shapes.ts';
import { payPath } from '../support/shop.ts';
import { refundFails } from '../support/stripe-movements.ts';

describe.each(runtimes)('money on the order page, on %s', (runtime) => {
  const { shop, stripe, sell, report } = useOutsideMoney(runtime);
  const look = async ({ order, token }: Purchase, language = 'en'): Promise<string> => {
    const headers = { cookie: `order=${token}`, 'accept-language': language };
    return (await fetch(`${shop.server.url}/o/${order.id}`, { headers })).text();
  };

  test('does not deny a charge while a checkout may still be paid', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    const session = await shop.openSession(purchase);
    // Stripe does not end the session, so that a payment is still possible there.
    const failures = Array.from({ length: 60 }, () => ({ kind: 'status', status: 500 }) as const);
    stripe.fail('POST /v1/checkout/sessions/:id/expire', ...failures);
    await shop.cancel(purchase);
    const page = await look(purchase);
    expect(page).toContain('If you paid, you get what you reserved or your money back');
    expect(page).toContain('data-poll="10"');
    expect(page).not.toContain('othing was charged');
    expect(await look(purchase, 'de')).toContain('Falls du bezahlt hast');
    await shop.charge(session);
    expect(await look(purchase)).toContain('Paid. Your order is confirmed');
    stripe.reset();
  });

  test('keeps looking for a late payment after a reservation’s end', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    await shop.cancel(purchase);
    expect(await look(purchase)).toMatch(/data-poll="15"[\s\S]*You cancelled this order/);
  });

  test('shows each refund of an order that stays paid', async () => {
    const { purchase, payment } = await sell();
    await report(stripe.event('refund.created', stripe.makeRefund(payment, 250)));
    const page = await look(purchase);
    expect(page).toContain('Paid. Your order is confirmed');
    expect(page).toContain('<dt>Refunded</dt><dd>€2.50</dd>');
    expect(await look(purchase, 'de')).toMatch(/<dt>Erstattet<\/dt><dd>2,50\s€<\/dd>/);
  });

  test('does not show a refund that another one has covered', async () => {
    const { purchase, payment } = await sell();
    const part = stripe.makeRefund(payment, 250);
    await report(stripe.event('refund.created', part));
    await report(refundFails(stripe, part));
    await report(stripe.event('refund.created', stripe.makeRefund(payment, 1250)));
    const page = await look(purchase);
    expect(page).toContain('<dt>Refunded</dt><dd>€12.50</dd>');
    expect(page).not.toContain('€0.00');
  });

  test('with an unreachable provider the page shows the order, its time and the way back', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    stripe.fail('POST /v1/checkout/sessions', { kind: 'status', status: 500 });
    const answer = await fetch(`${shop.server.url}${payPath(purchase)}`, { redirect: 'manual' });
    const page = await answer.text();
    expect([answer.status, page]).toEqual([
      503,
      expect.stringContaining('<h1>Payment not available right now'),
    ]);
    expect(page).toContain(purchase.order.number);
    expect(page).toContain(`data-until="${purchase.order.holdExpiresAt}"`);
    expect(page).toContain(`<a href="/o/${purchase.order.id}">See your order</a>`);
  });
});
