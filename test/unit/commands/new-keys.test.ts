/** Keys of orders and refunds: a lost key is never reissued, whatever the clock. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { describe, expect, test } from 'vitest';
import * as schema from '../../../drizzle/schema.ts';
import { createApply } from '../../../src/commands/apply.ts';
import { Journal } from '../../../src/commands/journal.ts';
import { createKeyFloor, type KeyFloor, keysOfShard } from '../../../src/commands/new-keys.ts';
import { prepareStatements } from '../../../src/commands/statements.ts';
import { nextGeneration } from '../../../src/database/generations.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { createDrop, minuteMs, noon, placed, placeHold, recordPayment } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

const now = Date.UTC(2027, 0, 31, 12);
const lives = 20;

/** A store whose last order was placed at that time, and the key of it. */
function storeAfter(at: number): { store: ScratchStore; lastKey: number } {
  const store = new ScratchStore();
  store.run(createDrop(), noon);
  return { store, lastKey: placed(store.run(placeHold('ann'), at)).id };
}
const floorOf = (store: ScratchStore): KeyFloor =>
  createKeyFloor(nextGeneration(drizzle(store.writer, { schema })).firstKey);

describe('the key of an order', () => {
  test('is based on time, beyond all keys lost since the last one', () => {
    const { store, lastKey } = storeAfter(now);
    using _ = store;
    const floorAt = floorOf(store);
    expect(floorAt(now + 1)).toBeGreaterThan(lastKey);
    // 256 in a millisecond are more than any writer makes.
    expect(floorAt(now + 2) - floorAt(now + 1)).toBe(256);
  });

  test('follows the last one within a millisecond, and when the clock goes back', () => {
    const { store, lastKey } = storeAfter(now);
    using _ = store;
    const keys = [now, now, now - minuteMs].map(
      (at, index) => placed(store.run(placeHold(`buyer-${index}`), at)).id,
    );
    expect(keys).toEqual([lastKey + 1, lastKey + 2, lastKey + 3]);
  });

  test.each([
    ['behind the last order', now - minuteMs],
    ['before keys followed the time', noon],
    ['beyond the largest id', Date.UTC(2060, 0, 1)],
    ['absurd', Number.MAX_SAFE_INTEGER],
  ])('starts beyond a new gap after each start when the clock is %s', (_, clock) => {
    const { store, lastKey } = storeAfter(now);
    using _store = store;
    const floors = Array.from({ length: lives }, () => floorOf(store)(clock));
    expect(new Set(floors).size).toBe(lives);
    for (const floor of floors) {
      expect(floor).toBeGreaterThan(lastKey);
      expect(floor).toBeLessThanOrEqual(lastKey + 2 ** 24);
    }
  });

  test('fits into an id until the end of the id’s range', () => {
    using store = new ScratchStore();
    expect(floorOf(store)(Date.UTC(2060, 0, 1) - 1)).toBeLessThan(2 ** 48);
  });
});

describe('the keys of the shards of a drop', () => {
  /** Keys of orders placed within one millisecond; the shard had keys of every number before. */
  function keysOf(shard: number, count: number): number[] {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    placed(store.run(placeHold('of an older version'), now - 1));
    const db = drizzle(store.writer, { schema });
    const keys = keysOfShard(shard, 3);
    const apply = createApply(db, prepareStatements(db, keys));
    const keyFloor = createKeyFloor(nextGeneration(db).firstKey, keys);
    return Array.from({ length: count }, (_, buyer) => {
      const outcome = apply(placeHold(`buyer-${buyer}`), new Journal(now, keyFloor));
      return outcome.kind === 'held' ? outcome.order.id : 0;
    });
  }

  test('are never the same, nor are the numbers of their orders', () => {
    const all = [0, 1, 2].flatMap((shard) => keysOf(shard, 4));
    expect(all).not.toContain(0);
    const { orderNumber } = createIds('a-secret-of-thirty-two-characters');
    expect(new Set(all.map(orderNumber)).size).toBe(12);
  });

  test('grow, and stay in their shard when the clock goes back', () => {
    const keys = keysOf(2, 4);
    expect(keys).toEqual([...keys].sort((one, other) => one - other));
    expect(new Set(keys.map((key) => key % 64))).toEqual(new Set([2]));
  });
});

test('the key of a refund is based on time too', () => {
  const { store, lastKey } = storeAfter(now);
  using _ = store;
  store.run(recordPayment(null), now + minuteMs);
  const [refund] = store.rows<{ id: number }>('select id from refunds');
  expect((refund?.id ?? 0) - lastKey).toBe(256 * minuteMs);
});
