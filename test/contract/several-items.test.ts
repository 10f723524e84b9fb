/** POST /purchase with several items: all of them are held, paid and refunded together, or none. */
import { describe, expect, it } from 'vitest';
import { readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { runScenarios, type Scenario } from '../support/scenario.ts';
import type { Problem } from '../support/shapes.ts';
import { purchaseCall, unique } from '../support/shop.ts';

const sizes = {
  items: [
    { sku: 'eu-42', name: 'EU 42', price: 1250, stock: 5 },
    { sku: 'eu-43', name: 'EU 43', price: 900, stock: 2 },
  ],
};
const pair = [
  { sku: 'eu-42', quantity: 2 },
  { sku: 'eu-43', quantity: 1 },
];
/** A body of several items: without the fields of the short form. */
const asking = (items: unknown, more: Record<string, unknown> = {}) => ({
  items,
  sku: undefined,
  quantity: undefined,
  ...more,
});

const invalid = (name: string, body: Record<string, unknown>, path: string): Scenario => ({
  name,
  drop: sizes,
  request: (drop) => purchaseCall(drop.id, body),
  status: 422,
  code: 'invalid',
  paths: [path],
});

const refused: readonly Scenario[] = [
  invalid('an empty list', asking([]), 'items'),
  invalid('a sku twice', asking([pair[0], pair[0]]), 'items'),
  invalid('an unknown sku', asking([pair[0], { sku: 'eu-50', quantity: 1 }]), 'items.1.sku'),
  invalid('no units of an item', asking([pair[0], { sku: 'eu-43', quantity: 0 }]), 'items.1.quantity'),
  invalid(
    'more units than an order may have',
    asking([
      { sku: 'eu-42', quantity: 60 },
      { sku: 'eu-43', quantity: 60 },
    ]),
    'items',
  ),
  invalid('both forms', asking(pair, { quantity: 1 }), 'items'),
  invalid('neither form', asking(undefined), 'quantity'),
  invalid('an item that is no object', asking(['eu-42']), 'items.0'),
];

describe.each(runtimes)('an order of several items on %s', (runtime) => {
  const shop = useServer(runtime);

  runScenarios(shop, refused);

  it('holds, sells and shows the units of each', async () => {
    const drop = await shop.createDrop(sizes);
    const purchase = await shop.buy(drop.id, asking(pair));
    expect(purchase.order).toMatchObject({
      items: [
        { sku: 'eu-42', name: 'EU 42', quantity: 2, unitPrice: 1250, total: 2500 },
        { sku: 'eu-43', name: 'EU 43', quantity: 1, unitPrice: 900, total: 900 },
      ],
      total: 3400,
    });
    expect(purchase.order).not.toHaveProperty('sku');
    expect((await shop.drop(drop.id)).items.map(({ held }) => held)).toEqual([2, 1]);
    await shop.pay(purchase);
    expect((await shop.order(purchase)).payments).toMatchObject([{ amount: 3400 }]);
    expect((await shop.drop(drop.id)).items.map(({ sold }) => sold)).toEqual([2, 1]);
    const path = `/admin/orders/${purchase.order.id}/refund`;
    expect((await shop.admin({ method: 'POST', path, json: {} })).status).toBe(200);
    expect((await shop.drop(drop.id)).items.map(({ available }) => available)).toEqual([5, 2]);
  });

  it('holds nothing if one item is sold out, and names it', async () => {
    const drop = await shop.createDrop(sizes);
    await shop.buy(drop.id, { sku: 'eu-43', quantity: 2 });
    const answer = await shop.send(purchaseCall(drop.id, asking(pair)));
    expect(answer.status).toBe(409);
    expect(readJson<Problem>(answer)).toMatchObject({
      code: 'sold_out',
      errors: [{ path: 'items.eu-43' }],
    });
    expect((await shop.drop(drop.id)).items.map(({ held }) => held)).toEqual([0, 2]);
  });

  it('names the item that exceeds the limit', async () => {
    const drop = await shop.createDrop({ ...sizes, perCustomer: 2 });
    const answer = await shop.send(purchaseCall(drop.id, asking(pair)));
    expect(readJson<Problem>(answer)).toMatchObject({
      code: 'limit_reached',
      errors: [{ path: 'items.eu-43' }],
    });
  });

  it('gets the same answer for the same key, in either form of one item', async () => {
    const drop = await shop.createDrop(sizes);
    const key = `several-items-${unique()}`;
    const customer = { email: `several-${unique()}@canary.example` };
    const first = await shop.buy(drop.id, asking(pair, { customer }), key);
    const again = await shop.send(purchaseCall(drop.id, asking(pair, { customer }), key));
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(readJson<typeof first>(again)).toEqual(first);
    const other = await shop.send(purchaseCall(drop.id, asking([...pair].reverse(), { customer }), key));
    expect(readJson<Problem>(other).code).toBe('key_reused');

    const short = `short-form-${unique()}`;
    const one = await shop.buy(drop.id, { sku: 'eu-42', quantity: 1, customer }, short);
    const list = [{ sku: 'eu-42', quantity: 1 }];
    const asList = await shop.send(purchaseCall(drop.id, asking(list, { customer }), short));
    expect(readJson<typeof one>(asList)).toEqual(one);
  });

  it('gets its units to at most one of many buyers of the last units', async () => {
    const drop = await shop.createDrop({
      items: sizes.items.map((item) => ({ ...item, stock: 4 })),
      perCustomer: null,
    });
    const bodies = [pair, [...pair].reverse()];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, buyer) =>
        shop.send(
          purchaseCall(
            drop.id,
            asking(bodies[buyer % 2], { customer: { email: `${unique()}@canary.example` } }),
          ),
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect((await shop.drop(drop.id)).items.map(({ held }) => held)).toEqual([4, 2]);
  });
});
