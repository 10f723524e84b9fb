/** Deleting personal data replaces the plain Idempotency-Keys of earlier versions. */
import { expect, test } from 'vitest';
import { audit } from '../../../../src/database/sqlite/file-rows.ts';
import { createDrop, noon, placed, placeHold } from '../../../support/commands.ts';
import { ScratchStore } from '../../../support/scratch-store.ts';

const pair = { plain: 'ann@example.com-1234', hashed: 'h1 of ann 1234' };
const erase = {
  kind: 'eraseCustomer',
  actor: 'operator',
  customer: 'ann',
  openOrders: [],
  plainKeys: [pair],
} as const;
const keysIn = (store: ScratchStore): (string | null)[] =>
  store
    .rows<{ key: string | null }>('select idempotency_key as key from orders order by id')
    .map(({ key }) => key);

test('a retry finds the order by the plain or the hashed key, and after a deletion by the hash', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  const old = placed(store.run(placeHold('ann', { idempotencyKey: pair.plain }), noon));
  const retry = placeHold('ann', { idempotencyKey: pair.hashed, plainKey: pair.plain });
  expect(store.run(retry, noon)).toMatchObject({ replayed: true, order: { id: old.id } });
  expect(store.run({ ...erase, isDryRun: true }, noon)).toEqual({ kind: 'erasable', orders: 1 });
  expect(keysIn(store)).toEqual([pair.plain]);
  expect(store.run(erase, noon)).toEqual({ kind: 'customer_erased', orders: 1 });
  expect(keysIn(store)).toEqual([pair.hashed]);
  expect(store.run(retry, noon)).toMatchObject({ replayed: true, order: { id: old.id } });
});

test('where an earlier version ran after this one, one key may have two orders: the first one keeps it', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  const first = placed(
    store.run(placeHold('ann', { idempotencyKey: pair.hashed, plainKey: pair.plain }), noon),
  );
  store.run(placeHold('ann', { idempotencyKey: pair.plain }), noon);
  expect(() => store.run(erase, noon)).not.toThrow();
  expect(keysIn(store)).toEqual([pair.hashed, null]);
  expect(store.run(placeHold('ann', { idempotencyKey: pair.hashed }), noon)).toMatchObject({
    replayed: true,
    order: { id: first.id },
  });
  expect(audit(store.reader)).toEqual([]);
});
