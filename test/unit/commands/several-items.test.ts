/** An order of several items: all of its units are taken, sold and given back together, or none. */
import { describe, expect, test } from 'vitest';
import { audit } from '../../../src/database/sqlite/file-rows.ts';
import type { WantedItem } from '../../../src/domain/command.ts';
import { createDrop, minuteMs, noon, placed, placeHold, recordPayment } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

const items = [
  { sku: 'eu-42', name: 'EU 42', price: 1_000, stock: 3 },
  { sku: 'eu-43', name: 'EU 43', price: 1_500, stock: 2 },
];
const both: readonly WantedItem[] = [
  { itemId: 1, quantity: 2 },
  { itemId: 2, quantity: 1 },
];

function openShop(perCustomer: number | null = null): ScratchStore {
  const store = new ScratchStore();
  store.run(createDrop({ items, perCustomer }), noon);
  return store;
}

const counts = (store: ScratchStore) => store.rows('select stock, held, sold from items order by id');
const eventsOf = (store: ScratchStore, kind: string) =>
  store.rows(`select item_id, quantity, amount, detail from events where kind = '${kind}' order by seq`);

describe('an order of two items', () => {
  test('holds the units of both, at the prices of the moment', () => {
    using store = openShop();
    const order = placed(store.run(placeHold('ann', { items: both }), noon));
    expect(order).toMatchObject({
      items: [
        { itemId: 1, quantity: 2, unitPrice: 1_000 },
        { itemId: 2, quantity: 1, unitPrice: 1_500 },
      ],
      units: 3,
      total: 3_500,
    });
    expect(counts(store)).toEqual([
      { stock: 3, held: 2, sold: 0 },
      { stock: 2, held: 1, sold: 0 },
    ]);
    const detail = JSON.stringify({
      items: [
        [1, 2],
        [2, 1],
      ],
    });
    expect(eventsOf(store, 'held')).toEqual([{ item_id: null, quantity: 3, amount: 3_500, detail }]);
    expect(audit(store.reader)).toEqual([]);
  });

  test('takes nothing if one item is sold out, and names that item', () => {
    using store = openShop();
    store.run(placeHold('bob', { itemId: 2, quantity: 2 }), noon);
    const refusal = store.run(placeHold('ann', { items: both }), noon);
    expect(refusal).toEqual({ kind: 'sold_out', itemId: 2 });
    expect(counts(store)).toEqual([
      { stock: 3, held: 0, sold: 0 },
      { stock: 2, held: 2, sold: 0 },
    ]);
  });

  test('releases expired holds of either item before it is refused', () => {
    using store = openShop();
    store.run(placeHold('bob', { items: [...both].reverse() }), noon);
    store.run(placeHold('eve', { itemId: 1 }), noon);
    const later = noon + 11 * minuteMs;
    expect(store.run(placeHold('ann', { items: both }), later).kind).toBe('held');
    expect(audit(store.reader)).toEqual([]);
  });

  test('counts all of its units against the limit, and names the item that exceeds it', () => {
    using store = openShop(2);
    const refusal = store.run(placeHold('ann', { items: both }), noon);
    expect(refusal).toEqual({ kind: 'limit_reached', perCustomer: 2, itemId: 2 });
    const one = both.map(({ itemId }) => ({ itemId, quantity: 1 }));
    expect(store.run(placeHold('ann', { items: one }), noon).kind).toBe('held');
    expect(store.run(placeHold('ann'), noon).kind).toBe('limit_reached');
  });

  test('is not found if its items are of different drops', () => {
    using store = openShop();
    store.run(createDrop({ slug: 'other' }), noon);
    const items = [both[0], { itemId: 3, quantity: 1 }].filter((item) => item !== undefined);
    expect(store.run(placeHold('ann', { items }), noon)).toEqual({ kind: 'drop_not_found' });
    expect(audit(store.reader)).toEqual([]);
  });

  test('is sold, refunded and returned as a whole', () => {
    using store = openShop();
    const { id } = placed(store.run(placeHold('ann', { items: both }), noon));
    store.run(recordPayment(id, { amount: 3_500 }), noon);
    expect(counts(store)).toEqual([
      { stock: 3, held: 0, sold: 2 },
      { stock: 2, held: 0, sold: 1 },
    ]);
    store.run({ kind: 'refundOrder', actor: 'operator', orderId: id, restock: false }, noon);
    expect(counts(store)).toEqual([
      { stock: 1, held: 0, sold: 0 },
      { stock: 1, held: 0, sold: 0 },
    ]);
    expect(audit(store.reader)).toEqual([]);
  });

  test('is not paid by the price of one item', () => {
    using store = openShop();
    const { id } = placed(store.run(placeHold('ann', { items: both }), noon));
    expect(store.run(recordPayment(id, { amount: 2_000 }), noon)).toMatchObject({ effect: 'refund_due' });
    expect(audit(store.reader)).toEqual([]);
  });

  test('gets all of its units back by late money, or none', () => {
    using store = openShop();
    const { id } = placed(store.run(placeHold('ann', { items: both }), noon));
    store.run({ kind: 'cancelOrder', orderId: id }, noon);
    const lost = placed(store.run(placeHold('bob', { items: both }), noon));
    store.run({ kind: 'cancelOrder', orderId: lost.id }, noon);
    store.run(recordPayment(id, { amount: 3_500 }), noon);
    store.run(recordPayment(lost.id, { amount: 3_500 }), noon);
    expect(store.rows('select status from orders order by id')).toEqual([
      { status: 'paid' },
      { status: 'refunding' },
    ]);
    expect(counts(store)).toEqual([
      { stock: 3, held: 0, sold: 2 },
      { stock: 2, held: 0, sold: 1 },
    ]);
    expect(audit(store.reader)).toEqual([]);
  });
});

describe('the audit', () => {
  test.each([
    ['another quantity', `items = '[[1,1,1000],[2,2,1500]]'`],
    ['another price', `items = '[[1,2,1001],[2,1,1500]]'`],
    ['an item twice', `items = '[[1,1,1000],[1,1,1000],[2,1,1500]]'`],
    ['no items', `items = '[]'`],
    ['no JSON', `items = 'x'`],
    ['another total', 'total = 1'],
    ['other units', 'units = 2'],
  ])('finds an order with %s', (_, change) => {
    using store = openShop();
    store.run(placeHold('ann', { items: both }), noon);
    store.writer.exec(`update orders set ${change}`);
    expect(audit(store.reader)).not.toEqual([]);
  });
});
