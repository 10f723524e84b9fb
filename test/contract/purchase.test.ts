/** POST /purchase where it succeeds: the answer, optional fields, and normalized values. */
import { describe, expect, it } from 'vitest';
import { canary, readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { runScenarios, type Scenario } from '../support/scenario.ts';
import { expectOrderShape, expectPurchaseShape, type Order, type Purchase } from '../support/shapes.ts';
import { customer, isoFromNow, phoneNumber, purchaseCall, type Shop, unique } from '../support/shop.ts';

const twoItems = {
  items: [
    { sku: 'one', name: 'One size', price: 1250, stock: 5 },
    { sku: 'two', name: 'Another', price: 900, stock: 5 },
  ],
};

const email254 = `${'e'.repeat(64)}@${canary}.${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(46)}.example`;

type Contact = Order & {
  email: string | null;
  name: string | null;
  phone: string | null;
  address: string | null;
};

/** The drop's orders as the operator sees them, with the stored customer data. */
async function contacts(shop: Shop, dropId: string): Promise<Contact[]> {
  const answer = await shop.admin({ path: `/admin/orders?dropId=${dropId}` });
  return readJson<{ orders: Contact[] }>(answer).orders;
}

const mixedLocal = unique();
const spoken = phoneNumber();

/** Valid customers, and how their data is stored. */
const kept: readonly {
  name: string;
  customer: Record<string, unknown>;
  kept: Record<string, string | null>;
}[] = [
  {
    name: 'an e-mail alone',
    customer: { email: `only-${mixedLocal}@${canary}.example` },
    kept: { email: `only-${mixedLocal}@${canary}.example`, name: null, phone: null, address: null },
  },
  {
    name: 'an e-mail in capitals and spaces',
    customer: { email: `  Mixed-${mixedLocal.toUpperCase()}@Canary.Example ` },
    kept: { email: `mixed-${mixedLocal}@${canary}.example` },
  },
  { name: 'an e-mail of 254 characters', customer: { email: email254 }, kept: { email: email254 } },
  {
    name: 'a phone number with spaces, dots, dashes and brackets',
    customer: {
      phone: `${spoken.slice(0, 2)} (${spoken.slice(2, 5)}) ${spoken.slice(5, 8)}-${spoken.slice(8)}.`,
    },
    kept: { phone: spoken },
  },
  {
    name: 'a name of 200 characters',
    customer: { name: `Canary ${'n'.repeat(193)}` },
    kept: { name: `Canary ${'n'.repeat(193)}` },
  },
  {
    name: 'a name in many scripts',
    customer: { name: 'Canary Łódź 鈴木 👟🏽 العربية' },
    kept: { name: 'Canary Łódź 鈴木 👟🏽 العربية' },
  },
  {
    name: 'an address over several lines',
    customer: { address: 'Canary Street 1\n12345 Canary\nNowhere' },
    kept: { address: 'Canary Street 1\n12345 Canary\nNowhere' },
  },
  {
    name: 'an address of 1000 characters',
    customer: { address: `canary${'a'.repeat(994)}` },
    kept: { address: `canary${'a'.repeat(994)}` },
  },
];

const accepted: readonly Scenario[] = [
  {
    name: 'finds the drop by slug',
    request: (drop) => purchaseCall(drop.slug),
    status: 201,
    changes: true,
  },
  {
    name: 'takes the named item of several',
    drop: twoItems,
    request: (drop) => purchaseCall(drop.id, { sku: 'two' }),
    status: 201,
    contains: ['"sku":"two"', '"unitPrice":900'],
    changes: true,
  },
  {
    name: 'takes the last units at once',
    request: (drop) => purchaseCall(drop.id, { quantity: 5 }),
    status: 201,
    contains: ['"quantity":5', '"total":6250'],
    changes: true,
    after: async (_answer, shop, drop) => expect((await shop.drop(drop.id)).phase).toBe('sold_out'),
  },
  {
    name: 'takes a hundred units',
    drop: { items: [{ sku: 'one', name: 'One size', price: 1, stock: 100 }] },
    request: (drop) => purchaseCall(drop.id, { quantity: 100 }),
    status: 201,
    changes: true,
  },
  ...[16, 255].map(
    (characters): Scenario => ({
      name: `takes a key of ${characters} characters`,
      request: (drop) => purchaseCall(drop.id, {}, 'k'.repeat(characters)),
      status: 201,
      changes: true,
    }),
  ),
  ...['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json;charset=UTF-8'].map(
    (type): Scenario => ({
      name: `takes a body sent as ${type}`,
      request: (drop) => ({ ...purchaseCall(drop.id), headers: { 'Content-Type': type } }),
      status: 201,
      changes: true,
    }),
  ),
  {
    name: 'takes a body sent in chunks',
    request: (drop) => {
      const { json, ...call } = purchaseCall(drop.id);
      return { ...call, body: JSON.stringify(json), chunked: true };
    },
    status: 201,
    changes: true,
  },
];

describe.each(runtimes)('purchase on %s', (runtime) => {
  const shop = useServer(runtime);

  it('answers with exactly an order, its token and where to pay', async () => {
    const drop = await shop.createDrop({ holdSeconds: 120 });
    const sentAt = Date.now();
    const answer = await shop.send(purchaseCall(drop.id, { sku: 'one', quantity: 2 }));
    expect(answer.status, answer.text).toBe(201);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
    expect(answer.headers['idempotency-replayed']).toBeUndefined();
    const purchase = readJson<Purchase>(answer);
    expectPurchaseShape(purchase);
    const { id, number, createdAt, holdExpiresAt, ...order } = purchase.order;
    expect(number).toMatch(/^\d{1,15}$/);
    expect(order).toEqual({
      dropId: drop.id,
      items: [{ sku: 'one', name: 'One size', quantity: 2, unitPrice: 1250, total: 2500 }],
      sku: 'one',
      quantity: 2,
      unitPrice: 1250,
      total: 2500,
      currency: 'EUR',
      status: 'held',
    });
    expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(sentAt - 5);
    expect(Date.parse(createdAt)).toBeLessThanOrEqual(Date.now() + 5);
    expect(Date.parse(holdExpiresAt) - Date.parse(createdAt)).toBe(120_000);
    expect(purchase.payment.expiresAt).toBe(holdExpiresAt);
    expect(purchase.payment.url.startsWith(`${shop.server.url}/pay/`)).toBe(true);
    const [item] = (await shop.drop(drop.id)).items;
    expect([item?.available, item?.held, item?.sold]).toEqual([3, 2, 0]);
    const shown = await shop.order(purchase);
    expect(shown).toEqual({ order: purchase.order, payments: [], refunds: [] });
    expectOrderShape(shown.order);
    expect(id).not.toBe('1');
  });

  it('keeps price and currency of the moment of purchase', async () => {
    const drop = await shop.createDrop();
    const purchase = await shop.buy(drop.id);
    await shop.patchDrop(drop.id, { items: [{ sku: 'one', price: 9999 }] });
    expect((await shop.order(purchase)).order).toEqual(purchase.order);
    expect((await shop.buy(drop.id)).order.unitPrice).toBe(9999);
  });

  it('creates ids and tokens that reveal neither count nor time', async () => {
    const drop = await shop.createDrop();
    const made: Purchase[] = [];
    for (let order = 0; order < 4; order += 1) made.push(await shop.buy(drop.id));
    const ids = made.map((purchase) => purchase.order.id);
    expect(new Set(ids).size).toBe(4);
    expect(new Set(made.map((purchase) => purchase.token)).size).toBe(4);
    for (const { token, order } of made) {
      expect(token.length).toBeGreaterThanOrEqual(22);
      expect(order.id.length).toBeGreaterThanOrEqual(8);
    }
    // Ids that count or carry the time differ in few characters when created in a row.
    for (const [index, id] of ids.slice(1).entries()) {
      const before = ids[index] ?? '';
      expect([...id].filter((character, at) => character !== before[at]).length).toBeGreaterThanOrEqual(6);
    }
  });

  it.each(kept)('accepts $name', async (row) => {
    const drop = await shop.createDrop({ endsAt: isoFromNow(60_000) });
    await shop.buy(drop.id, { customer: { ...customer(), ...row.customer } });
    const [order] = await contacts(shop, drop.id);
    expect(order).toMatchObject(row.kept);
  });

  runScenarios(shop, accepted);
});
