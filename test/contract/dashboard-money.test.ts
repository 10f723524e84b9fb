/** Operator pages for money at the provider: failed refunds are settled, disputes confirmed. */
import { describe, expect, test } from 'vitest';
import { createIds } from '../../src/ids/ids.ts';
import { runtimes } from '../support/contract-server.ts';
import { expectPage, signedIn } from '../support/dashboard-visitor.ts';
import { useOutsideMoney } from '../support/outside-money.ts';
import { parseCsv } from '../support/parse-csv.ts';
import type { Purchase } from '../support/shapes.ts';
import { disputeOf, refundFails } from '../support/stripe-movements.ts';

describe.each(runtimes)('the dashboard’s money on %s', (runtime) => {
  const { shop, stripe, sell, report, stateOf } = useOutsideMoney(runtime);
  const visit = () => signedIn(shop.server.url, shop.server.adminToken);
  const refundableOf = async ({ order }: Purchase): Promise<number> =>
    JSON.parse((await shop.admin({ path: `/admin/orders/${order.id}` })).text).refundable;

  test.each(['the list', 'a later page of the list', 'the order’s page'])(
    'a failed refund is settled by the form on %s, which leads back there',
    async (start) => {
      const chief = await visit();
      const refunded = async () => {
        const sale = await sell();
        await chief.submit(`/admin/ui/orders/${sale.purchase.order.id}/refund`, { restock: 'yes' });
        await shop.orderBecomes(sale.purchase, 'refunded');
        return sale;
      };
      const { purchase, payment } = await refunded();
      const orderPage = `/admin/ui/orders/${purchase.order.id}`;
      const cursor = async (): Promise<string> => {
        const { order } = (await refunded()).purchase;
        const { refunds } = JSON.parse((await shop.admin({ path: '/admin/refunds?status=sent' })).text);
        const { id } = refunds.find(({ orderId }: { orderId: string }) => orderId === order.id);
        const { secretKey } = shop.server;
        const { shardIdOf, parseRefund } = createIds(secretKey);
        return createIds(secretKey, shardIdOf(id) ?? undefined).cursor(parseRefund(id) ?? 0);
      };
      const list = '/admin/ui/refunds';
      const isList = start !== 'the order’s page';
      const from = !isList ? orderPage : start === 'the list' ? list : `${list}?cursor=${await cursor()}`;
      const made = stripe.refunds.find((refund) => refund.payment_intent === payment.id);
      if (!made) throw new Error('Stripe has no refund.');
      await report(refundFails(stripe, made));

      const page = await chief.look(from);
      expectPage(page);
      expect(page.text).toContain('The card was reported lost or stolen');
      const [, action = ''] = /action="([^"]*\/settle(?:\?[^"]*)?)"/.exec(page.text) ?? [];
      expectPage(await chief.submit(action, { note: ' ' }), 422);
      const tooLong = `"${'x'.repeat(300)}`;
      const refused = await chief.submit(action, { note: tooLong });
      expectPage(refused, 422);
      // The note stays in its field, on the page with the form.
      expect(refused.text).toContain(`value="&quot;${tooLong.slice(1)}"`);
      expect(refused.text).toMatch(isList ? /<h1>Refunds</ : /id="customer"/);
      expect((await stateOf(purchase)).status).toBe('refunding');
      const settled = await chief.submit(action, { note: '<b>Transfer 4711' });
      expect(settled.location).toBe(`${from}${from.includes('?') ? '&' : '?'}done=settled`);
      expect((await chief.look(settled.location ?? '')).text).toContain('role="status"');
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
    const before = (await chief.look(path)).text;
    expect(before).not.toContain(warning);
    expect(before).toContain('>€12.50</span> to the customer and can’t be undone.');
    await report(stripe.event('refund.created', stripe.makeRefund(payment, 250)));
    const page = await chief.look(path);
    expectPage(page);
    expect(page.text).toContain(warning);
    expect(page.text).not.toContain('despiteDispute');
    expect(page.text).toContain('>€10.00</span> to the customer and can’t be undone.');
    expect(await refundableOf(purchase)).toBe(1000);
    expect((await chief.submit(`${path}/fulfil`)).location).toBe(`${path}?done=fulfilled`);
    expect(await stateOf(purchase)).toMatchObject({ status: 'fulfilled', refunds: ['outside sent 250'] });
  });

  test('a disputed order is fulfilled only with the box ticked', async () => {
    const chief = await visit();
    const { purchase, payment } = await sell();
    const path = `/admin/ui/orders/${purchase.order.id}`;
    expect((await chief.look(path)).text).not.toContain('despiteDispute');
    await report(stripe.event('charge.dispute.created', disputeOf(payment)));
    const page = await chief.look(path);
    expectPage(page);
    expect(page.text).toContain('The payer disputes this payment. Do not hand over the goods');
    expect(page.text).toContain('name="despiteDispute"');
    expect(page.text).toContain('Its money moves through the dispute and can’t be refunded here.');
    expect(page.text).not.toContain('/refund"');
    expect(await refundableOf(purchase)).toBe(0);
    expectPage(await chief.submit(`${path}/fulfil`), 409);
    expect((await stateOf(purchase)).status).toBe('paid');
    const fulfilled = await chief.submit(`${path}/fulfil`, { despiteDispute: 'yes' });
    expect(fulfilled.location).toBe(`${path}?done=fulfilled`);
    expect((await stateOf(purchase)).status).toBe('fulfilled');
    const after = (await chief.look(path)).text;
    expect(after).toContain('The payer disputes this payment.');
    expect(after).not.toContain('Do not hand over the goods');
  });

  test('an order whose payment a dispute took offers no refund', async () => {
    const chief = await visit();
    const { purchase, payment } = await sell();
    await report(stripe.event('charge.dispute.closed', { ...disputeOf(payment), status: 'lost' }));
    const page = await chief.look(`/admin/ui/orders/${purchase.order.id}`);
    expectPage(page);
    expect(page.text).toContain('Nothing left to refund.');
    expect(page.text).not.toContain('/refund"');
    expect(await refundableOf(purchase)).toBe(0);
  });

  test('disputes and refunds are in the list, the overview, the export, the certificate and the CLI', async () => {
    const chief = await visit();
    const [{ purchase, payment }, other] = [await sell(), await sell()];
    const { dropId, id } = purchase.order;
    await report(stripe.event('refund.created', stripe.makeRefund(payment, 250)));
    const dispute = { ...disputeOf(payment), amount: 1000 };
    await report(stripe.event('charge.dispute.created', dispute));

    const disputed = await chief.look('/admin/ui/orders?dispute=open');
    expectPage(disputed);
    expect(disputed.text).toContain(id);
    expect(disputed.text).toContain('data-dispute="open"');
    expect(disputed.text).not.toContain(other.purchase.order.id);
    const list = await shop.admin({ path: `/admin/orders?dropId=${dropId}&dispute=open&status=paid` });
    expect(JSON.parse(list.text).orders).toMatchObject([{ id, dispute: 'open' }]);
    const lost = await shop.admin({ path: `/admin/orders?dropId=${dropId}&dispute=lost` });
    expect(JSON.parse(lost.text)).toEqual({ orders: [], nextCursor: null });
    expect((await shop.admin({ path: '/admin/orders?dispute=none' })).status).toBe(422);

    const overview = await chief.look(`/admin?drop=${dropId}`);
    expectPage(overview);
    expect(overview.text).toMatch(/orders? (has|have) an open dispute/);
    expect(overview.text).toMatch(/href="\/admin\/ui\/orders\?[^"]*dispute=open"/);

    const csv = parseCsv((await shop.admin({ path: `/admin/drops/${dropId}/orders.csv` })).text.slice(1));
    expect(csv[0]?.slice(-3)).toEqual(['dispute', 'refunded', 'refunded in minor units']);
    expect(csv.find(([order]) => order === id)?.slice(-3)).toEqual(['open', '2.50', '250']);

    await report(stripe.event('charge.dispute.closed', { ...dispute, status: 'lost' }));
    const certificate = await chief.look(`/admin/ui/drops/${dropId}/certificate`);
    expectPage(certificate);
    for (const [name, amount] of [
      ['Of these, at the provider', '€2.50'],
      ['Disputes lost', '€10.00'],
    ]) {
      expect(certificate.text).toMatch(new RegExp(`${name}</th><td class="count">1</td>.*?>${amount}<`));
    }
  });
});
