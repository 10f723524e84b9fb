/** Places many orders of one drop at once through a real store. */
import type { OwnDatabase } from '../../src/database/sqlite/open-database.ts';
import { systemClock } from '../../src/split/system-clock.ts';
import { createDrop, placed, placeHold } from './commands.ts';
import { ids } from './threaded-store.ts';

/** Opens a drop of `count` units and sells each to another customer; returns the public ids. */
export async function placeOrders(store: OwnDatabase, count: number): Promise<string[]> {
  const items = [{ sku: 'one', name: 'One size', price: 1250, stock: count }];
  const made = await store.submit(createDrop({ slug: 'many', startsAt: systemClock.now() - 60_000, items }));
  if (made.kind !== 'drop_saved') throw new Error(made.kind);
  const itemId = made.drop.items[0]?.id ?? 0;
  const placeOne = async (_: unknown, buyer: number): Promise<number> =>
    placed(await store.submit(placeHold(`buyer-${buyer}`, { itemId }))).id;
  const placedIds = await Promise.all(Array.from({ length: count }, placeOne));
  return placedIds.sort((a, b) => a - b).map((orderId) => ids.order({ dropId: made.drop.id, orderId }));
}
