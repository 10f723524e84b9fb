/** POST /purchase of what is not for sale: unknown, closed or sold out; nothing changes. */
import { describe } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { runScenarios, type Scenario } from '../support/scenario.ts';
import { isoFromNow, purchaseCall, unique } from '../support/shop.ts';

const hourMs = 3_600_000;

const invalid = (name: string, changes: Record<string, unknown>, path: string): Scenario => ({
  name,
  request: (drop) => purchaseCall(drop.id, changes),
  status: 422,
  code: 'invalid',
  paths: [path],
});

const twoItems = {
  items: [
    { sku: 'one', name: 'One size', price: 1250, stock: 5 },
    { sku: 'two', name: 'Another', price: 900, stock: 1 },
  ],
};

const names: readonly Scenario[] = [
  ...['absent', `drop-${unique()}`, '../drops', "x' or 1=1 --"].map(
    (dropId): Scenario => ({
      name: `unknown drop ${dropId.slice(0, 6)}`,
      request: () => purchaseCall(dropId),
      status: 404,
      code: 'not_found',
      paths: ['dropId'],
    }),
  ),
  ...['', 'n\u0000l', 'd'.repeat(5_000)].map(
    (dropId): Scenario => ({
      name: `absurd drop ${JSON.stringify(dropId.slice(0, 6))}`,
      request: () => purchaseCall(dropId),
      status: [404, 422],
      code: ['not_found', 'invalid'],
      paths: ['dropId'],
    }),
  ),
  {
    name: 'draft, like an unknown drop',
    drop: { publish: false },
    request: (drop) => purchaseCall(drop.id),
    status: 404,
    code: 'not_found',
    paths: ['dropId'],
  },
  invalid('unknown sku', { sku: 'absent' }, 'sku'),
  invalid('sku of another case', { sku: 'ONE' }, 'sku'),
  ...[null, '', 5].map((sku) => invalid(`sku ${JSON.stringify(sku)}`, { sku }, 'sku')),
  { ...invalid('no sku among several', {}, 'sku'), drop: twoItems },
  // One length rule on every runtime: short keys can be guessed, and a replay shows the order's
  // token.
  ...['k'.repeat(256), 'k'.repeat(15), '', 'a-key-with-a-tab\there', 'a-key-with-an-\u00e9-inside'].map(
    (key): Scenario => ({
      name: `key ${JSON.stringify(key.slice(0, 5))} of ${key.length}`,
      request: (drop) => purchaseCall(drop.id, {}, key),
      status: 422,
      code: 'invalid',
      paths: ['Idempotency-Key'],
      contains: ['Must be 16 to 255 visible ASCII characters', 'Use a UUID'],
    }),
  ),
];

const closed: readonly Scenario[] = [
  {
    name: 'not started',
    drop: { startsAt: isoFromNow(hourMs) },
    request: (drop) => purchaseCall(drop.id),
    status: 409,
    code: 'not_started',
  },
  {
    name: 'ended',
    drop: { startsAt: isoFromNow(-hourMs), endsAt: isoFromNow(-1_000) },
    request: (drop) => purchaseCall(drop.id),
    status: 409,
    code: 'ended',
  },
  {
    name: 'paused',
    before: (shop, drop) => shop.patchDrop(drop.id, { paused: true }),
    request: (drop) => purchaseCall(drop.id),
    status: 409,
    code: 'paused',
  },
  {
    name: 'sold out',
    before: (shop, drop) => shop.buy(drop.id, { quantity: 5 }),
    request: (drop) => purchaseCall(drop.id),
    status: 409,
    code: 'sold_out',
  },
  {
    name: 'fewer units left than asked for',
    before: (shop, drop) => shop.buy(drop.id, { quantity: 4 }),
    request: (drop) => purchaseCall(drop.id, { quantity: 2 }),
    status: 409,
    code: 'sold_out',
  },
  {
    name: 'one item of two sold out',
    drop: twoItems,
    before: (shop, drop) => shop.buy(drop.id, { sku: 'two' }),
    request: (drop) => purchaseCall(drop.id, { sku: 'two' }),
    status: 409,
    code: 'sold_out',
  },
  {
    name: 'more than the limit at once',
    drop: { perCustomer: 2 },
    request: (drop) => purchaseCall(drop.id, { quantity: 3 }),
    status: 409,
    code: 'limit_reached',
  },
  {
    name: 'paused and sold out: paused',
    before: async (shop, drop) => {
      await shop.buy(drop.id, { quantity: 5 });
      await shop.patchDrop(drop.id, { paused: true });
    },
    request: (drop) => purchaseCall(drop.id),
    status: 409,
    code: 'paused',
  },
];

describe.each(runtimes)('refused purchases on %s', (runtime) => {
  const shop = useServer(runtime);
  describe('names', () => runScenarios(shop, names));
  describe('closed', () => runScenarios(shop, closed));
});
