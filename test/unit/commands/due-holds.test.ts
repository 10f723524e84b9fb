/** Expired holds: exactly when, in which order they are released; they block no purchase. */
import { describe, expect, test } from 'vitest';
import type { OrderStatus } from '../../../src/domain/order.ts';
import { RELEASE_IN_HOLD_ORDERS } from '../../../src/limits.ts';
import { createDrop, minuteMs, noon, placeHold, recordPayment } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

const over = noon + 10 * minuteMs;
const statusesIn = (store: ScratchStore): OrderStatus[] =>
  store.rows<{ status: OrderStatus }>('select status from orders order by id').map(({ status }) => status);

/** A drop with one item per number of units. */
function storeWith(...stocks: number[]): ScratchStore {
  const store = new ScratchStore();
  const items = stocks.map((stock, index) => ({ sku: `${index}`, name: 'Item', price: 1250, stock }));
  store.run(createDrop({ items }), noon);
  return store;
}

describe('a hold', () => {
  test('expires on its last millisecond, not before', () => {
    using store = storeWith(1);
    store.run(placeHold('ann'), noon);
    expect(store.run(placeHold('bob'), over - 1).kind).toBe('sold_out');
    expect(store.run(placeHold('bob'), over).kind).toBe('held');
    expect(statusesIn(store)).toEqual(['released', 'held']);
  });

  test('that expired and was not released can still be paid', () => {
    using store = storeWith(1);
    store.run(placeHold('ann'), noon);
    expect(store.run(recordPayment(1), over)).toEqual({ kind: 'payment_recorded', effect: 'paid' });
    expect(store.run(placeHold('bob'), over).kind).toBe('sold_out');
  });

  test('that expired is left to the sweep while units are free', () => {
    using store = storeWith(2);
    store.run(placeHold('ann'), noon);
    expect(store.run(placeHold('bob'), over).kind).toBe('held');
    expect(statusesIn(store)).toEqual(['held', 'held']);
  });
});

describe('a sweep', () => {
  test('releases the requested number of holds, the longest expired first', () => {
    using store = storeWith(3);
    for (const [index, name] of ['ann', 'bob', 'eve'].entries()) store.run(placeHold(name), noon - index);
    expect(store.run({ kind: 'releaseDue', orders: 2 }, over)).toEqual({ kind: 'released_due', orders: 2 });
    expect(statusesIn(store)).toEqual(['held', 'released', 'released']);
    expect(store.run({ kind: 'releaseDue', orders: 2 }, over)).toEqual({ kind: 'released_due', orders: 1 });
    expect(store.run({ kind: 'releaseDue', orders: 2 }, over)).toEqual({ kind: 'released_due', orders: 0 });
    expect(store.rows('select held, sold from items')).toEqual([{ held: 0, sold: 0 }]);
  });

  test('leaves paid, cancelled and released orders alone', () => {
    using store = storeWith(3);
    for (const name of ['ann', 'bob', 'eve']) store.run(placeHold(name), noon);
    store.run(recordPayment(1), noon);
    store.run({ kind: 'cancelOrder', orderId: 2 }, noon);
    expect(store.run({ kind: 'releaseDue', orders: 9 }, over)).toEqual({ kind: 'released_due', orders: 1 });
    expect(statusesIn(store)).toEqual(['paid', 'released', 'released']);
  });
});

test('a unit of an expired hold can be sold, however many other holds have expired', () => {
  const crowd = RELEASE_IN_HOLD_ORDERS + 1;
  using store = storeWith(crowd, 1);
  store.runBatch(
    Array.from({ length: crowd }, (_, index) => placeHold(`buyer ${index}`)),
    noon,
  );
  store.run(placeHold('ann', { itemId: 2 }), noon);
  expect(store.run(placeHold('bob', { itemId: 2 }), over).kind).toBe('held');
});
