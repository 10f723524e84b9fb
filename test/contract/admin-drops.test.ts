/** Admin routes of drops where they succeed: create, list, edit, publish, pause and restock. */
import { describe, expect, it } from 'vitest';
import { readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { runScenarios, type Scenario } from '../support/scenario.ts';
import { type AdminDrop, expectAdminDropShape } from '../support/shapes.ts';
import { dropBody, isoFromNow, purchaseCall, unique } from '../support/shop.ts';

const item = { sku: 'one', name: 'One size', price: 1250, stock: 5 };

/** Bodies at the limits of what is allowed, and the resulting drops. */
const creations: readonly { name: string; body: Record<string, unknown>; drop: Record<string, unknown> }[] = [
  { name: 'a draft by default', body: { publish: undefined }, drop: { phase: 'draft', published: false } },
  { name: 'published at once', body: { publish: true }, drop: { phase: 'live', published: true } },
  { name: 'four a customer by leaving it out', body: { perCustomer: undefined }, drop: { perCustomer: 4 } },
  { name: 'no limit by null', body: { perCustomer: null }, drop: { perCustomer: null } },
  { name: 'a limit of one', body: { perCustomer: 1 }, drop: { perCustomer: 1 } },
  { name: 'a hold of one second', body: { holdSeconds: 1 }, drop: { holdSeconds: 1 } },
  { name: 'a hold of a day', body: { holdSeconds: 86_400 }, drop: { holdSeconds: 86_400 } },
  { name: 'a price of one minor unit', body: { items: [{ ...item, price: 1 }] }, drop: { phase: 'live' } },
  { name: 'no stock', body: { items: [{ ...item, stock: 0 }] }, drop: { phase: 'sold_out' } },
  {
    name: 'a hundred items',
    body: { items: Array.from({ length: 100 }, (_, index) => ({ ...item, sku: `sku-${index}` })) },
    drop: { phase: 'live' },
  },
  {
    name: 'times with an offset',
    body: { startsAt: '2026-01-02T03:04:05+02:00', endsAt: '2099-12-31T23:59:59.5-05:30' },
    drop: { startsAt: '2026-01-02T01:04:05.000Z', endsAt: '2100-01-01T05:29:59.500Z', phase: 'live' },
  },
  {
    name: 'times of the past',
    body: { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' },
    drop: { phase: 'ended' },
  },
  { name: 'a currency without minor units', body: { currency: 'JPY' }, drop: { currency: 'JPY' } },
  { name: 'a currency newer than most tables', body: { currency: 'VED' }, drop: { currency: 'VED' } },
  { name: 'an end of null', body: { endsAt: null }, drop: { endsAt: null } },
];

/** Edits of a live drop, and what the operator and the public see afterwards. */
const edits: readonly { name: string; edit: Record<string, unknown>; drop: Record<string, unknown> }[] = [
  { name: 'title', edit: { title: 'Another title' }, drop: { title: 'Another title' } },
  { name: 'description', edit: { description: 'More\nlines' }, drop: { description: 'More\nlines' } },
  {
    name: 'image',
    edit: { imageUrl: 'https://images.example/2.png' },
    drop: { imageUrl: 'https://images.example/2.png' },
  },
  {
    name: 'start',
    edit: { startsAt: '2099-01-01T00:00:00Z' },
    drop: { startsAt: '2099-01-01T00:00:00.000Z', phase: 'scheduled' },
  },
  { name: 'end', edit: { endsAt: '2099-01-01T00:00:00Z' }, drop: { endsAt: '2099-01-01T00:00:00.000Z' } },
  { name: 'no end', edit: { endsAt: null }, drop: { endsAt: null } },
  { name: 'limit', edit: { perCustomer: 3 }, drop: { perCustomer: 3 } },
  { name: 'no limit', edit: { perCustomer: null }, drop: { perCustomer: null } },
  { name: 'pause', edit: { paused: true }, drop: { phase: 'paused' } },
  {
    name: 'two fields at once',
    edit: { title: 'Both', perCustomer: 4 },
    drop: { title: 'Both', perCustomer: 4 },
  },
  {
    name: 'price of an item',
    edit: { items: [{ sku: 'one', price: 999 }] },
    drop: { items: [{ ...item, price: 999, available: 5, held: 0, sold: 0 }] },
  },
  {
    name: 'stock of an item',
    edit: { items: [{ sku: 'one', stock: 0 }] },
    drop: { phase: 'sold_out', items: [{ ...item, stock: 0, available: 0, held: 0, sold: 0 }] },
  },
  {
    name: 'a new item beside a renamed one',
    edit: {
      items: [
        { sku: 'one', name: 'Renamed' },
        { sku: 'two', name: 'Two', price: 5, stock: 1 },
      ],
    },
    drop: {
      items: [
        { ...item, name: 'Renamed', available: 5, held: 0, sold: 0 },
        { sku: 'two', name: 'Two', price: 5, stock: 1, available: 1, held: 0, sold: 0 },
      ],
    },
  },
];

/** No server under test has jurisdictions: workerd has none. Only Workers accept location hints. */
const locations: readonly Scenario[] = [
  { field: 'jurisdiction', value: 'eu', message: 'Must be null' },
  { field: 'jurisdiction', value: 'mars', message: 'Must be' },
  { field: 'locationHint', value: 'moon', message: 'Must be' },
  { field: 'locationHint', value: 'weur', message: 'Must be null', on: ['node', 'bun'] },
  { field: 'locationHint', value: 'weur', message: null, on: ['workerd'] },
].map(({ field, value, message, on }) => ({
  name: `${message ? 'refuses' : 'takes'} the ${field} ${value}`,
  isFor: (runtime) => on?.includes(runtime) ?? true,
  request: (_, { server }) => ({
    method: 'POST',
    path: '/admin/drops',
    token: server.adminToken,
    json: dropBody({ [field]: value }),
  }),
  status: message ? 422 : 201,
  ...(message && { code: 'invalid', paths: [field], contains: [message] }),
}));

const restocks: readonly Scenario[] = [
  { quantity: 3, after: { stock: 8, available: 6, held: 2 } },
  { quantity: -3, after: { stock: 2, available: 0, held: 2 } },
].map(({ quantity, after }) => ({
  name: `restocks by ${quantity}`,
  before: (shop, drop) => shop.buy(drop.id, { quantity: 2 }),
  request: (drop, shop) => ({
    method: 'POST',
    path: `/admin/drops/${quantity > 0 ? drop.id : drop.slug}/restock`,
    token: shop.server.adminToken,
    json: { sku: 'one', quantity },
  }),
  status: 200,
  changes: true,
  after: async (answer, shop, drop) => {
    expectAdminDropShape(readJson<AdminDrop>(answer));
    expect(readJson<AdminDrop>(answer).items[0]).toMatchObject(after);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject(after);
  },
}));

describe.each(runtimes)('admin drops on %s', (runtime) => {
  const shop = useServer(runtime);

  it.each(creations)('creates $name', async ({ body, drop: expected }) => {
    const answer = await shop.admin({ method: 'POST', path: '/admin/drops', json: dropBody(body) });
    expect(answer.status, answer.text).toBe(201);
    const created = readJson<AdminDrop>(answer);
    expectAdminDropShape(created);
    expect(created).toMatchObject(expected);
    const shown = readJson<AdminDrop>(await shop.admin({ path: `/admin/drops/${created.id}` }));
    expect(shown).toStrictEqual(created);
    expect(readJson<AdminDrop>(await shop.admin({ path: `/admin/drops/${created.slug}` }))).toStrictEqual(
      created,
    );
    const { drops } = readJson<{ drops: AdminDrop[] }>(await shop.admin({ path: '/admin/drops' }));
    expect(drops).toContainEqual(created);
  });

  it('holds for HOLD_SECONDS where the drop sets no time', async () => {
    const { holdSeconds } = await shop.createDrop({ holdSeconds: undefined });
    expect(holdSeconds).toBeGreaterThanOrEqual(1);
    expect(holdSeconds).toBeLessThanOrEqual(86_400);
  });

  it.each(edits)('edits $name', async ({ edit, drop: expected }) => {
    const created = await shop.createDrop({ perCustomer: 2, endsAt: '2199-01-01T00:00:00.000Z' });
    const edited = await shop.patchDrop(created.slug, edit);
    expectAdminDropShape(edited);
    // Stock fields are compared as a whole, so that an edit of one item cannot change another
    // unseen.
    expect(edited).toStrictEqual({ ...created, ...expected, ...('paused' in edit ? { paused: true } : {}) });
    const { published, paused, holdSeconds, createdAt, jurisdiction, unpayable, ...visible } = edited;
    expect(await shop.drop(created.id)).toStrictEqual(visible);
  });

  it('publishes, unpublishes and republishes a draft', async () => {
    const { id } = await shop.createDrop({ publish: false });
    expect((await shop.patchDrop(id, { published: true })).phase).toBe('live');
    const mine = await shop.buy(id);
    expect((await shop.patchDrop(id, { published: false })).phase).toBe('draft');
    expect((await shop.send({ path: `/drops/${id}` })).status).toBe(404);
    expect((await shop.send(purchaseCall(id))).status).toBe(404);
    expect((await shop.order(mine)).order).toEqual(mine.order);
    expect((await shop.patchDrop(id, { published: true })).items[0]?.held).toBe(1);
  });

  it('pauses and resumes', async () => {
    const { id } = await shop.createDrop();
    expect(await shop.patchDrop(id, { paused: true })).toMatchObject({ paused: true, phase: 'paused' });
    expect((await shop.send(purchaseCall(id))).status).toBe(409);
    expect(await shop.patchDrop(id, { paused: false })).toMatchObject({ paused: false, phase: 'live' });
    await shop.buy(id);
  });

  it('applies a new hold time to later orders only', async () => {
    const { id } = await shop.createDrop({ holdSeconds: 100 });
    const before = await shop.buy(id);
    await shop.patchDrop(id, { holdSeconds: 200 });
    const after = await shop.buy(id);
    const holdMs = [before, after].map(
      ({ order }) => Date.parse(order.holdExpiresAt) - Date.parse(order.createdAt),
    );
    expect(holdMs).toEqual([100_000, 200_000]);
    expect((await shop.order(before)).order).toEqual(before.order);
  });

  it('sells restocked units after a sell-out', async () => {
    const { id } = await shop.createDrop({ items: [{ ...item, stock: 0 }] });
    expect((await shop.send(purchaseCall(id))).status).toBe(409);
    const answer = await shop.admin({
      method: 'POST',
      path: `/admin/drops/${id}/restock`,
      json: { sku: 'one', quantity: 1 },
    });
    expect(answer.status, answer.text).toBe(200);
    await shop.buy(id);
  });

  it('lists drafts and drops of every phase', async () => {
    const slug = unique();
    const draft = await shop.createDrop({ slug: `a-${slug}`, publish: false });
    const later = await shop.createDrop({ slug: `b-${slug}`, startsAt: isoFromNow(60_000) });
    const answer = await shop.admin({ path: '/admin/drops' });
    expect(Object.keys(readJson<object>(answer))).toEqual(['drops']);
    const { drops } = readJson<{ drops: AdminDrop[] }>(answer);
    for (const drop of drops) expectAdminDropShape(drop);
    expect(drops.filter((drop) => drop.slug.endsWith(slug))).toEqual(expect.arrayContaining([draft, later]));
  });

  runScenarios(shop, [...restocks, ...locations], runtime);
});
