/** Keys of operators' writes: a row in the write's commit for a day; an expired key starts over. */
import { expect, test } from 'vitest';
import { OPERATOR_KEY_AGE_MS } from '../../../src/limits.ts';
import { createDrop, noon } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

const restock = (key: string, quantity = 5, fingerprint = `restock ${quantity}`) =>
  ({
    kind: 'restock',
    actor: 'operator',
    dropId: 1,
    sku: 'one',
    quantity,
    once: { key, fingerprint },
  }) as const;
const keysIn = (store: ScratchStore) =>
  store.rows<{ key: string }>('select key from operator_keys order by key');
const restocks = (store: ScratchStore): number =>
  store.rows("select seq from events where kind = 'restocked'").length;

test('a key is valid for a day, to the millisecond', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  expect(store.run(restock('a'), noon)).not.toHaveProperty('replayed');
  const last = noon + OPERATOR_KEY_AGE_MS - 1;
  expect(store.run(restock('a'), last)).toHaveProperty('replayed', true);
  expect(store.run(restock('a', 6), last)).toEqual({ kind: 'key_reused' });
  expect(store.run(restock('a', 6), last + 1)).not.toHaveProperty('replayed');
  expect(restocks(store)).toBe(2);
});

test('expired keys are removed by the next write with a key', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  for (const key of ['a', 'b', 'c']) store.run(restock(key), noon);
  expect(keysIn(store)).toHaveLength(3);
  store.run(restock('d'), noon + OPERATOR_KEY_AGE_MS);
  expect(keysIn(store)).toEqual([{ key: 'd' }]);
});

test('a refusal stores no key', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  expect(store.run(restock('a', -1_000), noon).kind).toBe('stock_below_sold');
  expect(keysIn(store)).toEqual([]);
});

test('two writes of one batch with the same key execute once', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  const { outcomes } = store.runBatch([restock('a'), restock('a'), restock('a', 6)], noon);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['drop_saved', 'drop_saved', 'key_reused']);
  expect(restocks(store)).toBe(1);
});
