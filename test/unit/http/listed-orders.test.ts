/** Reading many customers' data page by page is logged once an hour per operator and drop. */
import { expect, test } from 'vitest';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import { ListedOrders } from '../../../src/http/listed-orders.ts';
import {
  LISTED_ORDERS_MAX,
  LISTED_ORDERS_OPERATORS_MAX,
  LISTED_ORDERS_WINDOW_MS,
} from '../../../src/limits.ts';

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from + at);

function listing(outcomeOf: () => { kind: string } = () => ({ kind: 'done' })) {
  const notes: unknown[] = [];
  const submit = async (command: object) => {
    const outcome = outcomeOf();
    if (outcome.kind === 'done') notes.push(command);
    return outcome;
  };
  return { listed: new ListedOrders({ submit } as unknown as Pick<ShopDatabase, 'submit'>), notes };
}
const note = (actor: string, dropId: number | null) => ({
  kind: 'logAction',
  actor,
  action: 'orders_listed',
  dropId,
});

test('the first order beyond the limit is recorded, once an hour', async () => {
  const { listed, notes } = listing();
  for (let page = 0; page < 4; page += 1)
    await listed.show('operator:ann', 7, range(0, LISTED_ORDERS_MAX), 0);
  expect(notes).toEqual([]);
  for (const order of range(LISTED_ORDERS_MAX, 300)) await listed.show('operator:ann', 7, [order], 1);
  expect(notes).toEqual([note('operator:ann', 7)]);
  await listed.show('operator:ann', 7, range(0, 500), LISTED_ORDERS_WINDOW_MS - 1);
  expect(notes).toHaveLength(1);
  await listed.show('operator:ann', 7, range(0, 500), LISTED_ORDERS_WINDOW_MS);
  expect(notes).toHaveLength(2);
});

test('each operator and each drop is counted separately', async () => {
  const { listed, notes } = listing();
  const half = LISTED_ORDERS_MAX / 2 + 1;
  for (const [actor, dropId, from] of [
    ['operator:ann', 7, 1_000],
    ['operator:ann', 8, 2_000],
    ['operator:ann', null, 0],
    ['operator', 7, 3_000],
  ] as const) {
    await listed.show(actor, dropId, range(from, half), 0);
  }
  expect(notes).toEqual([]);
  await listed.show('operator:ann', null, range(half, half), 0);
  expect(notes).toEqual([note('operator:ann', null)]);
});

test('orders that could not be recorded are not shown, and are recorded by the next page', async () => {
  let kind = 'disk_full';
  const { listed, notes } = listing(() => ({ kind }));
  const many = range(0, LISTED_ORDERS_MAX + 1);
  expect(await listed.show('operator', 7, many, 0)).toEqual({ kind: 'disk_full' });
  kind = 'done';
  expect(await listed.show('operator', 7, [1], 0)).toEqual({ kind: 'done' });
  expect(notes).toEqual([note('operator', 7)]);
});

test('memory is bounded for any number of drops', async () => {
  const { listed, notes } = listing();
  await listed.show('operator', 1, range(0, LISTED_ORDERS_MAX), 0);
  for (const drop of range(2, LISTED_ORDERS_OPERATORS_MAX)) await listed.show('operator', drop, [0], 0);
  // The oldest entry was evicted, and its count restarts.
  await listed.show('operator', 1, range(500, LISTED_ORDERS_MAX), 0);
  expect(notes).toEqual([]);
});
