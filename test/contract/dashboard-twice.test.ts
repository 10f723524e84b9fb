/** Dashboard forms sent twice, by a double click or the back button, take effect once. */
import { beforeAll, describe, expect, test } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectPage, signedIn, typedDrop, type Visitor } from '../support/dashboard-visitor.ts';
import { unique } from '../support/shop.ts';

/** The key in the page's form with this action. */
const keyOfForm = (text: string, action: string): string => {
  const form = text.slice(text.indexOf(`action="${action}"`));
  return /name="key" value="([\w-]{36})"/.exec(form)?.[1] ?? '';
};

describe.each(runtimes)('a form of the dashboard on %s', (runtime) => {
  const shop = useServer(runtime);
  let chief: Visitor;
  beforeAll(async () => {
    chief = await signedIn(shop.server.url, shop.server.adminToken);
  });
  const stockOf = async (id: string) => (await shop.drop(id)).items[0]?.stock;
  /** The page with the form, the form's address and its key. */
  const formOf = async (page: string, action: string) => {
    const { text } = await chief.look(page);
    const key = keyOfForm(text, `${page}/${action}`);
    expect(key).not.toBe('');
    return { path: `${page}/${action}`, key };
  };

  test('restocks once by a double click, and again by the page’s next form', async () => {
    const { id } = await shop.createDrop();
    const page = `/admin/ui/drops/${id}`;
    const { path, key } = await formOf(page, 'restock');
    const fields = { sku: 'one', quantity: '5', key };
    const clicks = await Promise.all([chief.submit(path, fields), chief.submit(path, fields)]);
    expect(clicks.map(({ location }) => location).sort()).toEqual([
      `${page}?done=repeated`,
      `${page}?done=restocked`,
    ]);
    expect(await stockOf(id)).toBe(10);
    expect((await chief.look(`${page}?done=repeated`)).text).toContain('took effect once');
    const next = await formOf(page, 'restock');
    expect(next.key).not.toBe(key);
    expect((await chief.submit(next.path, { ...fields, key: next.key })).location).toBe(
      `${page}?done=restocked`,
    );
    expect(await stockOf(id)).toBe(15);
  });

  test('creates a drop once by a double click', async () => {
    const page = '/admin/ui/new-drop';
    const key = keyOfForm((await chief.look(page)).text, page);
    const slug = `twice-${unique()}`;
    const fields = { ...typedDrop({ slug }), key };
    const clicks = await Promise.all([chief.submit(page, fields), chief.submit(page, fields)]);
    const { id } = await shop.drop(slug);
    expect(clicks.map(({ location }) => location).sort()).toEqual([
      `/admin/ui/drops/${id}?done=created`,
      `/admin/ui/drops/${id}?done=repeated`,
    ]);
    const other = await chief.submit(page, { ...fields, title: 'Another drop' });
    expectPage(other, 422);
    expect(keyOfForm(other.text, page)).not.toBe(key);
  });

  test('that was sent with other values is shown again, with a new key', async () => {
    const { id } = await shop.createDrop();
    const { path, key } = await formOf(`/admin/ui/drops/${id}`, 'restock');
    await chief.submit(path, { sku: 'one', quantity: '5', key });
    const refused = await chief.submit(path, { sku: 'one', quantity: '7', key });
    expectPage(refused, 422);
    expect(refused.text).toContain('already submitted with other values');
    expect(refused.text).toContain('value="7"');
    expect(keyOfForm(refused.text, path)).not.toBe(key);
    expect(await stockOf(id)).toBe(10);
  });

  test('that was refused keeps its key: what is unknown may have been done', async () => {
    const { id } = await shop.createDrop();
    const { path, key } = await formOf(`/admin/ui/drops/${id}`, 'restock');
    const refused = await chief.submit(path, { sku: 'one', quantity: '-9', key });
    expectPage(refused, 422);
    expect(keyOfForm(refused.text, path)).toBe(key);
    expect((await chief.submit(path, { sku: 'one', quantity: '9', key })).status).toBe(303);
    expect(await stockOf(id)).toBe(14);
  });

  test('refunds an order once by a double click, without a refusal', async () => {
    const { id } = await shop.createDrop();
    const purchase = await shop.buy(id);
    await shop.pay(purchase);
    const page = `/admin/ui/orders/${purchase.order.id}`;
    const { path, key } = await formOf(page, 'refund');
    const clicks = await Promise.all([1, 2].map(() => chief.submit(path, { restock: 'yes', key })));
    expect(clicks.map(({ location }) => location).sort()).toEqual([
      `${page}?done=refunded`,
      `${page}?done=repeated`,
    ]);
    await shop.orderBecomes(purchase, 'refunded');
    expect((await shop.order(purchase)).refunds).toHaveLength(1);
  });
});
