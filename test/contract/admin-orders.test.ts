/** GET /admin/orders: orders with their customers, filtered and paginated. */
import { describe, expect, it } from 'vitest';
import { canary, readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import { expectOrderShape, type Order } from '../support/shapes.ts';
import { customer, phoneNumber, unique } from '../support/shop.ts';

type Contact = { email: string | null; name: string | null; phone: string | null; address: string | null };
type AdminOrder = Order & Contact;
interface Page {
  orders: AdminOrder[];
  nextCursor: string | null;
}

const nullableText = expect.toSatisfy((value: unknown) => value === null || typeof value === 'string');
const contactKeys = { email: nullableText, name: nullableText, phone: nullableText, address: nullableText };

/** Invalid queries, and the parameter that the problem names. */
const refused: readonly { query: string; path: string }[] = [
  ...['0', '-1', '1.5', 'x', '', '1e3', '100000', '9007199254740993', '%00'].map((limit) => ({
    query: `limit=${limit}`,
    path: 'limit',
  })),
  ...['nonsense', '', 'HELD', 'held,paid', 'held%00', '__proto__'].map((status) => ({
    query: `status=${status}`,
    path: 'status',
  })),
  ...['nonsense', '%00', '-1', 'A'.repeat(1_000), '%22'].map((cursor) => ({
    query: `cursor=${cursor}`,
    path: 'cursor',
  })),
];

describe.each(runtimes)('admin orders on %s', (runtime) => {
  const shop = useServer(runtime);

  async function page(query: string): Promise<Page> {
    const answer = await shop.admin({ path: `/admin/orders${query}` });
    expect(answer.status, answer.text).toBe(200);
    const body = readJson<Page>(answer);
    expect(Object.keys(body).sort()).toEqual(['nextCursor', 'orders']);
    for (const order of body.orders) expectOrderShape(order, contactKeys);
    return body;
  }

  const idsOf = ({ orders }: Page): string[] => orders.map((order) => order.id);

  it('shows each order with its customer', async () => {
    const drop = await shop.createDrop();
    const phone = phoneNumber();
    const buyer = customer({ name: 'Canary Nadel', phone, address: 'Canary Street 1\nNowhere' });
    const full = await shop.buy(drop.id, { customer: buyer, quantity: 2 });
    const bare = await shop.buy(drop.id);
    const { orders } = await page(`?dropId=${drop.id}`);
    expect(orders.length).toBe(2);
    expect(orders).toContainEqual({ ...full.order, ...buyer });
    const other = orders.find((order) => order.id === bare.order.id);
    expect(other).toMatchObject({ name: null, phone: null, address: null });
  });

  it('filters by drop, by id or slug', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await shop.buy((await shop.createDrop()).id);
    expect(idsOf(await page(`?dropId=${drop.id}`))).toEqual([mine.order.id]);
    expect(idsOf(await page(`?dropId=${drop.slug}`))).toEqual([mine.order.id]);
  });

  it('filters by status', async () => {
    const drop = await shop.createDrop();
    const [held, paid, released] = [
      await shop.buy(drop.id),
      await shop.buy(drop.id),
      await shop.buy(drop.id),
    ];
    await shop.pay(paid);
    await shop.cancel(released);
    for (const [status, { order }] of Object.entries({ held, paid, released })) {
      const found = await page(`?dropId=${drop.id}&status=${status}`);
      expect([status, found.orders.map((each) => [each.id, each.status])]).toEqual([
        status,
        [[order.id, status]],
      ]);
    }
    expect((await page(`?dropId=${drop.id}&status=fulfilled`)).orders).toEqual([]);
  });

  it('filters by e-mail, written in any case', async () => {
    const local = `find-${unique()}`;
    const email = `${local}@${canary}.example`;
    const [first, second] = [await shop.createDrop(), await shop.createDrop()];
    const mine = [
      await shop.buy(first.id, { customer: { email } }),
      await shop.buy(second.id, { customer: { email: email.toUpperCase() } }),
    ];
    await shop.buy(first.id);
    const found = idsOf(await page(`?email=${encodeURIComponent(` ${email.toUpperCase()} `)}`));
    expect(found.sort()).toEqual(mine.map(({ order }) => order.id).sort());
    expect(idsOf(await page(`?email=${encodeURIComponent(email)}&dropId=${first.id}`))).toEqual([
      mine[0]?.order.id,
    ]);
    for (const part of [local, '%25', '%', `%25@${canary}.example`]) {
      const answer = await shop.admin({ path: `/admin/orders?email=${part}` });
      if (answer.status === 200) expect(readJson<Page>(answer).orders).toEqual([]);
      else expectAnswer(answer, { status: 422, code: 'invalid', paths: ['email'] });
    }
  });

  it('pages through all orders, each once, while new ones arrive', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock: 20 }] });
    const made: string[] = [];
    for (let order = 0; order < 7; order += 1) made.push((await shop.buy(drop.id)).order.id);
    const seen: string[] = [];
    const sizes: number[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const next: Page = await page(`?dropId=${drop.id}&limit=3${query}`);
      sizes.push(next.orders.length);
      seen.push(...idsOf(next));
      cursor = next.nextCursor;
      await shop.buy(drop.id);
    } while (cursor !== null && sizes.length < 10);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(made));
    expect(sizes[0]).toBe(3);
  });

  it('ends without a cursor where the last page is exactly full', async () => {
    const drop = await shop.createDrop();
    const made = [await shop.buy(drop.id), await shop.buy(drop.id)].map(({ order }) => order.id);
    const full = await page(`?dropId=${drop.id}&limit=2`);
    expect([idsOf(full).sort(), full.nextCursor]).toEqual([made.sort(), null]);
    expect(await page(`?dropId=${(await shop.createDrop()).id}`)).toEqual({ orders: [], nextCursor: null });
  });

  it.each(refused)('refuses ?$query', async ({ query, path }) => {
    const answer = await shop.admin({ path: `/admin/orders?${query}` });
    expectAnswer(answer, { status: 422, code: 'invalid', paths: [path] });
  });

  it.each(['absent', '%00', 'x'.repeat(300)])('finds no orders of the drop %s', async (dropId) => {
    const answer = await shop.admin({ path: `/admin/orders?dropId=${dropId}` });
    if (answer.status === 200) expect(readJson<Page>(answer).orders).toEqual([]);
    else expectAnswer(answer, { status: [404, 422], code: ['not_found', 'invalid'], paths: ['dropId'] });
  });

  it('keeps customers out of every cache', async () => {
    const answer = await shop.admin({ path: '/admin/orders' });
    expect(answer.headers['cache-control']).toMatch(/no-store/);
  });
});
