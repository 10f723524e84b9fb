/** The operator's pages of orders, refunds and customers: scopes and escaping. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { OperatorScope } from '../../src/domain/operator.ts';
import { onlyOnMachines, runtimes, useServer } from '../support/contract-server.ts';
import { expectPage, signedIn, typedDrop, type Visitor, wrongAt } from '../support/dashboard-visitor.ts';
import { addOperator } from '../support/operator-command.ts';
import type { AdminDrop } from '../support/shapes.ts';
import { customer, unique, until } from '../support/shop.ts';

const attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>';

describe.each(runtimes)('the dashboard on %s', (runtime) => {
  const testOnMachine = onlyOnMachines(runtime);
  const shop = useServer(runtime);
  let chief: Visitor;
  beforeAll(async () => {
    chief = await signedIn(shop.server.url, shop.server.adminToken);
  });
  const adminDrop = async (id: string): Promise<AdminDrop> =>
    JSON.parse((await shop.admin({ path: `/admin/drops/${id}` })).text);
  const pageOf = (id: string) => `/admin/ui/drops/${id}`;

  test('stored text is escaped on every page', async () => {
    const items = [{ sku: 'one', name: attack, price: 1250, stock: 5 }];
    const drop = await shop.createDrop({ title: attack, description: attack, items });
    const mine = await shop.buy(drop.id, { customer: customer({ name: attack, address: attack }) });
    await shop.pay(mine);
    const { order } = mine;
    for (const path of [
      `/admin?drop=${drop.id}`,
      pageOf(drop.id),
      `/admin/ui/orders?dropId=${drop.id}`,
      `/admin/ui/orders/${order.id}`,
      `${pageOf(drop.id)}/certificate`,
      `/admin/ui/orders?${new URLSearchParams({ status: attack })}`,
      `/admin/ui/refunds?${new URLSearchParams({ status: attack, cursor: attack })}`,
      `/admin?${new URLSearchParams({ done: attack, n: attack, drop: attack })}`,
      `/admin/sign-in?${new URLSearchParams({ to: attack })}`,
    ]) {
      const page = await chief.look(path);
      expect(page.text, path).not.toContain('<script>');
      expect(page.text, path).not.toContain('<img');
      if (page.status !== 303) expectPage(page, page.status);
    }
    const again = await chief.submit('/admin/ui/new-drop', typedDrop({ title: attack, slug: attack }));
    expectPage(again, 422);
    expect(again.text).not.toContain('<img');
  });

  test('orders are found by drop, status and address, and no URL contains the address', async () => {
    const drop = await shop.createDrop();
    const [one, other] = [customer({ name: 'Canary One' }), customer()];
    const first = await shop.buy(drop.id, { customer: one });
    const second = await shop.buy(drop.id, { customer: other });
    await shop.pay(second);
    const list = await chief.look(`/admin/ui/orders?dropId=${drop.id}`);
    expectPage(list);
    for (const { order } of [first, second]) expect(list.text).toContain(order.id);
    const paid = await chief.look(`/admin/ui/orders?dropId=${drop.id}&status=paid`);
    expect(paid.text).toContain(second.order.id);
    expect(paid.text).not.toContain(first.order.id);
    const found = await chief.submit('/admin/ui/orders', { dropId: drop.id, email: String(one.email) });
    expectPage(found);
    expect(found.text).toContain(first.order.id);
    expect(found.text).not.toContain(second.order.id);
    expect([...found.text.matchAll(/(?:href|action)="([^"]*)"/g)].join()).not.toContain('canary');
    const nonsense = await chief.submit('/admin/ui/orders', { email: 'no address' });
    expectPage(nonsense, 422);
    expect(wrongAt(nonsense.text, 'email')).toBe('Must be an e-mail address.');
    expectPage(await chief.look('/admin/ui/orders?status=nonsense'), 422);
    expectPage(await chief.look('/admin/ui/orders?dropId=absent'), 422);
  });

  test('a long list is paginated by a cursor', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock: 60 }] });
    for (let bought = 0; bought < 52; bought += 1) await shop.buy(drop.id);
    const first = await chief.look(`/admin/ui/orders?dropId=${drop.id}`);
    const older =
      /href="([^"]*cursor=[^"]*)">Older orders/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await chief.look(older);
    const idsIn = (text: string) =>
      [...text.matchAll(/<code class="quiet">(ord_[\w-]+)/g)].map((match) => match[1]);
    expect([idsIn(first.text).length, idsIn(second.text).length]).toEqual([50, 2]);
    expect(new Set([...idsIn(first.text), ...idsIn(second.text)]).size).toBe(52);
    expect(second.text).not.toContain('Older orders');
  });

  test('an order is fulfilled with a tracking code, another one refunded, with its unit or without', async () => {
    const drop = await shop.createDrop();
    const [sent, back, gone] = [await shop.buy(drop.id), await shop.buy(drop.id), await shop.buy(drop.id)];
    const path = ({ order }: typeof sent) => `/admin/ui/orders/${order.id}`;
    const held = await chief.look(path(sent));
    expect(held.text).not.toMatch(/\/(?:fulfil|refund)"/);
    expectPage(await chief.submit(`${path(sent)}/fulfil`), 409);
    for (const purchase of [sent, back, gone]) await shop.pay(purchase);
    const tooLong = await chief.submit(`${path(sent)}/fulfil`, { trackingCode: 'x'.repeat(101) });
    expectPage(tooLong, 422);
    expect(wrongAt(tooLong.text, 'trackingCode')).toMatch(/at most 100/);
    const fulfilled = await chief.submit(`${path(sent)}/fulfil`, { trackingCode: 'JD01' });
    expect(fulfilled.location).toBe(`${path(sent)}?done=fulfilled`);
    expect((await chief.look(path(sent))).text).toContain('<dd>JD01</dd>');
    await chief.submit(`${path(back)}/refund`, { restock: 'yes' });
    await chief.submit(`${path(gone)}/refund`, { restock: 'no' });
    expect((await adminDrop(drop.id)).items[0]).toMatchObject({ stock: 4, sold: 1, available: 3 });
    const again = await chief.submit(`${path(back)}/refund`, { restock: 'yes' });
    expectPage(again, 409);
    expect(again.text).toMatch(/The order is refund/);
    await until(
      () => chief.look(path(back)),
      ({ text }) => text.includes('Refunded'),
    );
    const sentRefunds = await chief.look('/admin/ui/refunds?status=sent');
    expectPage(sentRefunds);
    expect(sentRefunds.text).toContain(back.order.id);
  });

  test('the certificate is a page', async () => {
    const drop = await shop.createDrop();
    await shop.pay(await shop.buy(drop.id));
    const page = await chief.look(`${pageOf(drop.id)}/certificate`);
    expectPage(page);
    expect(page.text).toMatch(/data-clean="yes">Clean</);
    expect(page.text).toMatch(/Payments<\/th><td class="count">1<\/td>/);
    expect(page.text).toMatch(/<code>[0-9a-f]{64}<\/code>/);
    expectPage(await chief.look('/admin/ui/drops/absent/certificate'), 404);
  });

  test('refunds and the providers', async () => {
    expectPage(await chief.look('/admin/ui/refunds'));
    const asked = await chief.submit('/admin/ui/refunds/reconcile');
    expect(asked.location).toBe('/admin/ui/refunds?done=reconciled&n=0');
    expect((await chief.look(asked.location ?? '')).text).toContain(
      'New payments, disputes and refunds found: 0.',
    );
    expectPage(await chief.submit('/admin/ui/refunds/rfd_absent/retry'), 404);
  });

  test('a customer’s data is deleted only after their address is typed twice', async () => {
    const drop = await shop.createDrop();
    const buyer = customer();
    const { order } = await shop.buy(drop.id, { customer: buyer });
    const email = String(buyer.email);
    const different = await chief.submit('/admin/ui/customers', { email, again: `x${email}` });
    expectPage(different, 422);
    expect(wrongAt(different.text, 'again')).toBe('Must match the e-mail address.');
    expectPage(await chief.submit('/admin/ui/customers', { email: 'none', again: 'none' }), 422);
    const erased = await chief.submit('/admin/ui/customers', { email, again: email });
    expect(erased.location).toBe('/admin/ui/customers?done=erased&n=1');
    expect((await chief.look(`/admin/ui/orders/${order.id}`)).text).toContain('Personal data deleted.');
  });

  test('a deletion lists the open orders and asks for consent', async () => {
    const drop = await shop.createDrop();
    const buyer = customer();
    const paid = await shop.buy(drop.id, { customer: buyer });
    await shop.pay(paid);
    const fields = { email: String(buyer.email), again: String(buyer.email) };
    const asked = await chief.submit('/admin/ui/customers', fields);
    expectPage(asked, 409);
    expect(asked.text).toContain(`<a href="/admin/ui/orders/${paid.order.id}">`);
    const [, openOrders = ''] = /name="openOrders" value="([^"]*)"/.exec(asked.text) ?? [];
    expect(openOrders).toBe(paid.order.id);
    const erased = await chief.submit('/admin/ui/customers', { ...fields, openOrders });
    expect(erased.location).toBe('/admin/ui/customers?done=erased&n=1');
  });

  test('unknown pages', async () => {
    for (const path of ['/admin/ui/nothing', '/admin/ui/drops/absent', '/admin/ui/orders/ord_absent'])
      expectPage(await chief.look(path), 404);
  });

  test('the pages’ resources exist', async () => {
    for (const path of [
      '/assets/admin.css',
      '/assets/admin.js',
      '/assets/readings.js',
      '/assets/uplot.css',
      '/assets/uplot.js',
    ]) {
      const file = await chief.look(path);
      expect([path, file.status, file.text.length > 1_000]).toEqual([path, 200, true]);
    }
    expect((await chief.look('/assets/uplot.js')).text).toContain('uPlot');
  });

  testOnMachine('a read-only operator sees no buttons, and their forms are refused', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await shop.pay(mine);
    const scopes: readonly OperatorScope[] = ['drops:read', 'orders:read'];
    const { token } = addOperator(runtime, shop.server.databaseFile, `looker-${unique()}`, scopes);
    const looker = await signedIn(shop.server.url, token);
    const { text: aPage } = await looker.look('/admin');
    const csrf = /name="csrf" value="([\w-]+)"/.exec(aPage)?.[1] ?? '';
    for (const path of [
      '/admin',
      pageOf(drop.id),
      `/admin/ui/orders/${mine.order.id}`,
      '/admin/ui/refunds',
    ]) {
      const page = await looker.look(path);
      expectPage(page);
      // Sign-out and the search for an address are the only forms.
      const actions = [...page.text.matchAll(/method="post" action="([^"]*)"/g)].map((match) => match[1]);
      expect(actions, path).toEqual(['/admin/sign-out']);
      expect(page.text).not.toMatch(/drops\/new|ui\/webhooks|ui\/customers|certificate/);
    }
    const before = await shop.stateOf(drop.id);
    for (const [path, fields] of [
      ['/admin/ui/new-drop', typedDrop()],
      [`${pageOf(drop.id)}/pause`, {}],
      [`${pageOf(drop.id)}/close`, {}],
      [`${pageOf(drop.id)}/edit`, { title: 'Mine' }],
      [`${pageOf(drop.id)}/restock`, { sku: 'one', quantity: '5' }],
      [`/admin/ui/orders/${mine.order.id}/refund`, {}],
      [`/admin/ui/orders/${mine.order.id}/fulfil`, {}],
      ['/admin/ui/refunds/reconcile', {}],
      ['/admin/ui/customers', { email: 'a@example.com', again: 'a@example.com' }],
    ] as [string, Record<string, string>][]) {
      const refused = await looker.sendForm(path, { csrf, ...fields });
      expectPage(refused, 403);
      expect(refused.text).toContain('lacks the scope');
    }
    expectPage(await looker.look(`${pageOf(drop.id)}/certificate`), 403);
    expectPage(await looker.look('/admin/ui/webhooks'), 403);
    expect(await shop.stateOf(drop.id)).toBe(before);
  });

  testOnMachine('an operator who fulfils orders starts on a page with them', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await shop.pay(mine);
    const scopes: readonly OperatorScope[] = ['orders:read', 'orders:write'];
    const { token } = addOperator(runtime, shop.server.databaseFile, `packing-${unique()}`, scopes);
    const packer = await signedIn(shop.server.url, token);
    const first = await packer.look('/admin');
    expectPage(first);
    expect(first.text).not.toMatch(/role="alert"|contract drop/);
    const orders = await packer.look('/admin/ui/orders?status=paid');
    expectPage(orders);
    expect(orders.text).toContain(mine.order.id);
    const page = await packer.look(`/admin/ui/orders/${mine.order.id}`);
    expectPage(page);
    const csrf = /name="csrf" value="([\w-]+)"/.exec(page.text)?.[1] ?? '';
    const sent = await packer.sendForm(`/admin/ui/orders/${mine.order.id}/fulfil`, {
      csrf,
      trackingCode: 'JD02',
    });
    expect(sent.location).toBe(`/admin/ui/orders/${mine.order.id}?done=fulfilled`);
    expect(page.text).not.toContain('/refund"');
  });
});
