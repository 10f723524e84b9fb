/** The prepared statements of an item's units. */
import { and, eq, sql } from 'drizzle-orm';
import { items } from '../../drizzle/schema.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import { value } from './placeholder.ts';

const itemCounts = { id: items.id, stock: items.stock, held: items.held, sold: items.sold };
// The oversell guard: a single UPDATE checks for free units and takes them.
const unitsAreFree = sql`${items.held} + ${items.sold} + ${value('quantity')} <= ${items.stock}`;

export const prepareStockStatements = (db: SyncDatabase) => ({
  holdUnits: db
    .update(items)
    .set({ held: sql`${items.held} + ${value('quantity')}` })
    .where(and(eq(items.id, value('itemId')), unitsAreFree))
    .returning(itemCounts)
    .prepare(),

  sellFreeUnits: db
    .update(items)
    .set({ sold: sql`${items.sold} + ${value('quantity')}` })
    .where(and(eq(items.id, value('itemId')), unitsAreFree))
    .returning(itemCounts)
    .prepare(),

  sellHeldUnits: db
    .update(items)
    .set({
      held: sql`${items.held} - ${value('quantity')}`,
      sold: sql`${items.sold} + ${value('quantity')}`,
    })
    .where(eq(items.id, value('itemId')))
    .returning(itemCounts)
    .prepare(),

  freeHeldUnits: db
    .update(items)
    .set({ held: sql`${items.held} - ${value('quantity')}` })
    .where(eq(items.id, value('itemId')))
    .returning(itemCounts)
    .prepare(),

  /** Takes a refunded order's units out of the sold ones, and `withdrawn` out of the stock. */
  returnUnits: db
    .update(items)
    .set({
      sold: sql`${items.sold} - ${value('quantity')}`,
      stock: sql`${items.stock} - ${value('withdrawn')}`,
    })
    .where(eq(items.id, value('itemId')))
    .returning(itemCounts)
    .prepare(),

  /** Units that can be bought now, of all items of a drop. */
  availableOfDrop: db
    .select({ units: sql<number>`sum(${items.stock} - ${items.held} - ${items.sold})` })
    .from(items)
    .where(eq(items.dropId, value('dropId')))
    .prepare(),
});
