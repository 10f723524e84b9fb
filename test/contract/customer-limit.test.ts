/** The limit per customer: counted by e-mail and by phone, and freed with the units. */
import { describe, it } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { runScenarios, type Scenario } from '../support/scenario.ts';
import { customer, phoneNumber, purchaseCall, unique } from '../support/shop.ts';

interface Row {
  name: string;
  /** The customer of the first order, which uses the whole limit. */
  first: Record<string, unknown>;
  second: Record<string, unknown>;
  refused: boolean;
}

const local = unique();
const buyer = customer({ email: `limit-${local}@canary.example` });
const phone = phoneNumber();

const rows: readonly Row[] = [
  { name: 'the same e-mail', first: buyer, second: buyer, refused: true },
  {
    name: 'the e-mail in capitals',
    first: buyer,
    second: customer({ email: `LIMIT-${local}@CANARY.EXAMPLE` }),
    refused: true,
  },
  {
    name: 'the e-mail between spaces',
    first: customer({ email: `\u00a0 Limit-${local}@canary.example` }),
    second: customer({ email: `limit-${local}@canary.example  ` }),
    refused: true,
  },
  {
    name: 'the same e-mail and another name',
    first: buyer,
    second: { ...buyer, name: 'Canary' },
    refused: true,
  },
  { name: 'another e-mail', first: buyer, second: customer(), refused: false },
  {
    name: 'another e-mail, the same phone',
    first: customer({ phone }),
    second: customer({ phone }),
    refused: true,
  },
  {
    name: 'another e-mail, the same phone written otherwise',
    first: customer({ phone }),
    second: customer({
      phone: `${phone.slice(0, 2)} (${phone.slice(2, 5)}) ${phone.slice(5, 8)}-${phone.slice(8)}`,
    }),
    refused: true,
  },
  {
    name: 'another e-mail, the same phone with its national prefix',
    first: customer({ phone: '+48501234567' }),
    second: customer({ phone: '+48 (0) 501 234 567' }),
    refused: true,
  },
  {
    name: 'the same e-mail, another phone',
    first: { ...buyer, phone },
    second: { ...buyer, phone: phoneNumber() },
    refused: true,
  },
  {
    name: 'another e-mail, another phone',
    first: customer({ phone }),
    second: customer({ phone: phoneNumber() }),
    refused: false,
  },
  { name: 'another e-mail, no phone', first: customer({ phone }), second: customer(), refused: false },
  {
    name: 'an alias of the e-mail, a stated non-guarantee',
    first: buyer,
    second: customer({ email: `limit-${local}+2@canary.example` }),
    refused: false,
  },
];

const scenarios = rows.map(
  (row): Scenario => ({
    name: `one each, ${row.name}: ${row.refused ? 'refused' : 'sold'}`,
    drop: { perCustomer: 1 },
    before: (shop, drop) => shop.buy(drop.id, { customer: row.first }),
    request: (drop) => purchaseCall(drop.id, { customer: row.second }),
    ...(row.refused ? { status: 409, code: 'limit_reached' } : { status: 201, changes: true }),
  }),
);

const twoSkus = { items: ['one', 'two'].map((sku) => ({ sku, name: sku, price: 500, stock: 5 })) };

describe.each(runtimes)('customer limit on %s', (runtime) => {
  const shop = useServer(runtime);

  runScenarios(shop, scenarios);

  runScenarios(shop, [
    {
      name: 'counts units, not orders',
      drop: { perCustomer: 3 },
      before: (_shop, drop) => shop.buy(drop.id, { customer: buyer, quantity: 2 }),
      request: (drop) => purchaseCall(drop.id, { customer: buyer, quantity: 2 }),
      status: 409,
      code: 'limit_reached',
    },
    {
      name: 'sells up to the limit',
      drop: { perCustomer: 3 },
      before: (_shop, drop) => shop.buy(drop.id, { customer: buyer, quantity: 2 }),
      request: (drop) => purchaseCall(drop.id, { customer: buyer }),
      status: 201,
      changes: true,
    },
    {
      name: 'counts over all items of the drop',
      drop: { ...twoSkus, perCustomer: 1 },
      before: (_shop, drop) => shop.buy(drop.id, { customer: buyer, sku: 'one' }),
      request: (drop) => purchaseCall(drop.id, { customer: buyer, sku: 'two' }),
      status: 409,
      code: 'limit_reached',
    },
    {
      name: 'counts what e-mail and phone hold together as one customer',
      drop: { perCustomer: 2 },
      before: (_shop, drop) => shop.buy(drop.id, { customer: { ...buyer, phone }, quantity: 2 }),
      request: (drop) => purchaseCall(drop.id, { customer: customer({ phone }) }),
      status: 409,
      code: 'limit_reached',
    },
    {
      name: 'counts paid orders',
      drop: { perCustomer: 1 },
      before: async (_shop, drop) => shop.pay(await shop.buy(drop.id, { customer: buyer })),
      request: (drop) => purchaseCall(drop.id, { customer: buyer }),
      status: 409,
      code: 'limit_reached',
    },
    {
      name: 'does not count cancelled orders',
      drop: { perCustomer: 1 },
      before: async (_shop, drop) => shop.cancel(await shop.buy(drop.id, { customer: buyer })),
      request: (drop) => purchaseCall(drop.id, { customer: buyer }),
      status: 201,
      changes: true,
    },
    {
      name: 'does not count orders of another drop',
      drop: { perCustomer: 1 },
      before: async () => shop.buy((await shop.createDrop({ perCustomer: 1 })).id, { customer: buyer }),
      request: (drop) => purchaseCall(drop.id, { customer: buyer }),
      status: 201,
      changes: true,
    },
    {
      name: 'counts nothing where the drop has no limit',
      drop: { perCustomer: null },
      before: (_shop, drop) => shop.buy(drop.id, { customer: buyer, quantity: 3 }),
      request: (drop) => purchaseCall(drop.id, { customer: buyer, quantity: 2 }),
      status: 201,
      changes: true,
    },
  ]);

  it('does not count orders whose hold is over', async () => {
    const drop = await shop.createDrop({ perCustomer: 1, holdSeconds: 1 });
    const first = await shop.buy(drop.id, { customer: buyer });
    await shop.orderBecomes(first, 'released');
    await shop.buy(drop.id, { customer: buyer });
  });
});
