/** POST and PATCH of a drop with one invalid field: its path is named, and nothing changes. */
import { describe, expect, it } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer, type RefusedRequest, runRefusals } from '../support/scenario.ts';
import { dropBody } from '../support/shop.ts';

type Row = readonly [change: Record<string, unknown>, path: string];

const item = { sku: 'one', name: 'One size', price: 1250, stock: 5 };
const items = (count: number): unknown =>
  Array.from({ length: count }, (_, at) => ({ ...item, sku: `s-${at}` }));
const inItem = (change: Record<string, unknown>): Record<string, unknown> => ({
  items: [{ ...item, ...change }],
});
const notWhole = [1.5, '1', null, true, [], 2 ** 53, -(2 ** 53)];

/**
 * Spellings that a browser, proxy or router reads as an admin address, and other addresses of this
 * server.
 */
const addressesOfOperators = [
  '/admin/drops/x/orders.csv',
  '/Admin/drops/x/orders.csv',
  '/%61dmin/drops/x/orders.csv',
  '/images/../admin/drops/x/orders.csv',
  '/images/%2e%2e/admin/drops/x/orders.csv',
  '/images/.%2E/admin/drops/x/orders.csv',
  '/images/..\\admin\\drops\\x\\orders.csv',
  '/images\\..\\admin',
  '/images/a/../../admin',
  '/images/..',
  '/images//admin',
  '//shop.example/admin/drops/x/orders.csv',
  '/\\shop.example/admin',
  '\\\\shop.example\\admin',
  '/./admin',
  '/pay/ord_x',
  '/metrics',
  '/images',
  '/images/',
  'https:/admin/drops/x/orders.csv',
  'https:admin/drops/x/orders.csv',
  'https:///admin',
  'https://\\admin',
  'https://x.example/admin/drops/x/orders.csv',
  'https://x.example/%61dmin/drops/x/orders.csv',
  'https://x.example/%2561dmin/drops',
  'https://x.example/%252561dmin/drops',
  'https://x.example/a/%2e%2e/admin/drops',
  'https://x.example/a%2f..%2fadmin/drops',
  'https://x.example//admin/drops',
  'https://x.example\\admin\\drops',
  'https://x.example/a/..\\admin',
  'https://x.example/AdMiN',
  'https://user:word@x.example/1.png',
];

/** Fields that creation and editing reject alike. */
const fields: readonly Row[] = [
  ...['', 5, null, 'a\u0000b', 'a\ud800b', 't'.repeat(100_00)].map((title): Row => [{ title }, 'title']),
  ...[5, 'a\u0000b', 'd'.repeat(20_000)].map((description): Row => [{ description }, 'description']),
  ...[
    'x',
    5,
    'javascript:alert(1)',
    'data:text/html,x',
    'http://x.example/1.png',
    `https://x.example/${'u'.repeat(5_000)}`,
    ...addressesOfOperators,
  ].map((imageUrl): Row => [{ imageUrl }, 'imageUrl']),
  ...[
    'tomorrow',
    '',
    5,
    null,
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00+25:00',
    '2026-01-01T00:00:00 +01:00',
  ].map((startsAt): Row => [{ startsAt }, 'startsAt']),
  ...['tomorrow', 5, '2026-01-01T00:00:00', '+999999-01-01T00:00:00Z'].map(
    (endsAt): Row => [{ endsAt }, 'endsAt'],
  ),
  [{ startsAt: '2026-01-01T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' }, 'endsAt'],
  [{ startsAt: '2026-01-02T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' }, 'endsAt'],
  ...[0, -1, ...notWhole.filter((value) => value !== null)].map(
    (perCustomer): Row => [{ perCustomer }, 'perCustomer'],
  ),
  ...[0, -1, 86_401, ...notWhole].map((holdSeconds): Row => [{ holdSeconds }, 'holdSeconds']),
  ...[null, 'one', {}, items(101)].map((value): Row => [{ items: value }, 'items']),
  ...['', 5, 'a\u0000b', 's'.repeat(1_000)].map((sku): Row => [inItem({ sku }), 'items.0.sku']),
  ...['', 5, 'a\nb', 'n'.repeat(10_000)].map((name): Row => [inItem({ name }), 'items.0.name']),
  ...[0, -1, ...notWhole].map((price): Row => [inItem({ price }), 'items.0.price']),
  ...[-1, ...notWhole].map((stock): Row => [inItem({ stock }), 'items.0.stock']),
  [inItem({ held: 1 }), 'items.0.held'],
  [inItem({ sold: 0 }), 'items.0.sold'],
  [{ items: [item, 5] }, 'items.1'],
  [{ items: [item, { ...item, name: 'Twice' }] }, 'items'],
  [{ unknown: 1 }, 'unknown'],
  [{ id: 'x' }, 'id'],
  [{ phase: 'live' }, 'phase'],
];

/** Fields of creation only. */
const creationFields: readonly Row[] = [
  ...['', 'A', 'a b', 'a--b', '-a', 'a-', 'ä', 'a/b', 'a\u0000', 's'.repeat(65), 5, null, undefined].map(
    (slug): Row => [{ slug }, 'slug'],
  ),
  ...['eur', 'EU', 'EURO', 'XYZ', 'DEM', 'CNH', '', 978, null, undefined].map(
    (currency): Row => [{ currency }, 'currency'],
  ),
  [{ items: [] }, 'items'],
  [{ items: undefined }, 'items'],
  [{ startsAt: undefined }, 'startsAt'],
  [{ title: undefined }, 'title'],
  ...['sku', 'name', 'price', 'stock'].map((key): Row => [inItem({ [key]: undefined }), `items.0.${key}`]),
  ...['yes', 1, null].map((publish): Row => [{ publish }, 'publish']),
  [{ published: true }, 'published'],
  [{ paused: true }, 'paused'],
];

/** Fields of an edit only; currency and slug cannot change. */
const editFields: readonly Row[] = [
  [{ currency: 'USD' }, 'currency'],
  [{ slug: 'another' }, 'slug'],
  [{ publish: true }, 'publish'],
  ...['yes', 1, null].flatMap((value): Row[] => [
    [{ published: value }, 'published'],
    [{ paused: value }, 'paused'],
  ]),
  ...['name', 'price', 'stock'].map(
    (key): Row => [{ items: [{ ...item, sku: 'new', [key]: undefined }] }, `items.0.${key}`],
  ),
  [{ items: ['new', 'new'].map((sku) => ({ ...item, sku })) }, 'items'],
];

const named = ([change, path]: Row): string => `${path}: ${JSON.stringify(change)?.slice(0, 90)}`;

const creations = [...fields, ...creationFields].map((row) => ({
  name: named(row),
  change: row[0],
  path: row[1],
}));

const edits = [...fields, ...editFields].map(
  (row): RefusedRequest => ({
    name: named(row),
    request: (drop, shop) => ({
      method: 'PATCH',
      path: `/admin/drops/${drop.id}`,
      token: shop.server.adminToken,
      json: row[0],
    }),
    status: 422,
    code: 'invalid',
    paths: [row[1]],
  }),
);

describe.each(runtimes)('refused fields of drops on %s', (runtime) => {
  const shop = useServer(runtime);

  describe('create', () => {
    it.each(creations)('$name', async ({ change, path }) => {
      const body = dropBody(change);
      const before = await shop.admin({ path: '/admin/drops' });
      const answer = await shop.admin({ method: 'POST', path: '/admin/drops', json: body });
      expectAnswer(answer, { status: 422, code: 'invalid', paths: [path] });
      expect((await shop.admin({ path: '/admin/drops' })).text).toBe(before.text);
    });
  });

  describe('edit', () => runRefusals(shop, edits));
});
