/** The operator's pages for money that moves at the provider: failed refunds settled by form, disputes confirmed by form. */
import { describe, expect, test } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
import { expectPage, signedIn } from '../support/dashboard-visitor.ts';
import { useOutsideMoney } from '../support/outside-money.ts';
import { disputeOf, refundFails, refundInDashboard } from '../support/stripe-movements.ts';

describe.each(runtimes)('the dashboard’s money on %s', (runtime) => {
  const { shop, stripe, sell, tell, stateOf } = useOutsideMoney(runtime);
  const visit = () => signedIn(shop.server.url, shop.server.adminToken);

  test.each(['/admin/ui/refunds', 'the order’s page'])(
    'a failed refund is settled by the form on %s',
    async (place) => {
      const chief = await visit();
      const { purchase, payment } = await sell();
      const orderPage = `/admin/ui/orders/${purchase.order.id}`;
      await chief.submit(`${orderPage}/refund`, { restock: 'yes' });
      await shop.orderBecomes(purchase, 'refunded');
      const made = stripe.refunds.find((refund) => refund.payment_intent === payment.id);
      if (!made) throw new Error('Stripe has no refund.');
      await tell(refundFails(stripe, made));

      const page = await chief.look(place.startsWith('/') ? place : orderPage);
      expectPage(page);
      expect(page.text).toContain('The card was reported lost or stolen');
      const [, action = ''] = /action="([^"]*\/settle)"/.exec(page.text) ?? [];
      expectPage(await chief.submit(action, { note: ' ' }), 422);
      const tooLong = `"${'x'.repeat(300)}`;
      const refused = await chief.submit(action, { note: tooLong });
      expectPage(refused, 422);
      // The note stays in its field, on the page that it was typed into.
      expect(refused.text).toContain(`value="&quot;${tooLong.slice(1)}"`);
      expect(refused.text).toMatch(place.startsWith('/') ? /<h1>Refunds</ : /id="customer"/);
      expect((await stateOf(purchase)).status).toBe('refunding');
      const settled = await chief.submit(action, { note: '<b>Transfer 4711' });
      expect(settled.location).toBe(`${place.startsWith('/') ? place : orderPage}?done=settled`);
      expect(await stateOf(purchase)).toMatchObject({
        status: 'refunded',
        refunds: ['operator settled 1250'],
      });
      for (const path of ['/admin/ui/refunds?status=settled', orderPage]) {
        const after = await chief.look(path);
        expectPage(after);
        expect(after.text).toContain('&lt;b&gt;Transfer 4711');
        expect(after.text).not.toContain('/settle"');
      }
      for (const path of ['/admin/ui/refunds', `${orderPage}/refunds`])
        expectPage(await chief.submit(`${path}/rfd_absent/settle`, { note: 'x' }), 404);
    },
  );

  test('an order that was refunded in part carries a warning and is fulfilled without a confirmation', async () => {
    const chief = await visit();
    const { purchase, payment } = await sell();
    const path = `/admin/ui/orders/${purchase.order.id}`;
    const warning = 'Part of the payment was refunded in the provider’s dashboard.';
    expect((await chief.look(path)).text).not.toContain(warning);
    await tell(stripe.event('refund.created', refundInDashboard(stripe, payment, 250)));
    const page = await chief.look(path);
    expectPage(page);
    expect(page.text).toContain(warning);
    expect(page.text).not.toContain('despiteDispute');
    expect((await chief.submit(`${path}/fulfil`)).location).toBe(`${path}?done=fulfilled`);
    expect(await stateOf(purchase)).toMatchObject({ status: 'fulfilled', refunds: ['outside sent 250'] });
  });

  test('a disputed order is fulfilled only with the box ticked', async () => {
    const chief = await visit();
    const { purchase, payment } = await sell();
    const path = `/admin/ui/orders/${purchase.order.id}`;
    expect((await chief.look(path)).text).not.toContain('despiteDispute');
    await tell(stripe.event('charge.dispute.created', disputeOf(payment)));
    const page = await chief.look(path);
    expectPage(page);
    expect(page.text).toContain('The payer disputes this payment.');
    expect(page.text).toContain('name="despiteDispute"');
    expectPage(await chief.submit(`${path}/fulfil`), 409);
    expect((await stateOf(purchase)).status).toBe('paid');
    const fulfilled = await chief.submit(`${path}/fulfil`, { despiteDispute: 'yes' });
    expect(fulfilled.location).toBe(`${path}?done=fulfilled`);
    expect((await stateOf(purchase)).status).toBe('fulfilled');
  });
});
