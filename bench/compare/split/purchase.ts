/**
 * The plain application's purchase: reads the stock, refuses if it is short, decrements it, inserts
 * the order.
 */
import { eq } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { SplitDatabase } from '../../../src/split/open-split.ts';
import { items, orders } from './schema.ts';

export interface PurchaseInput {
  sku: string;
  quantity: number;
  email: string;
}

/** The order's id; null if the item is sold out. */
export type PurchaseOutput = number | null;

export type Schema = { items: typeof items; orders: typeof orders };
type SyncTx = Pick<BetterSQLite3Database<Schema>, 'select' | 'update' | 'insert'>;
type AsyncTx = Parameters<Parameters<SplitDatabase<Schema>['transaction']>[0]>[0];

/** For better-sqlite3, which rejects async transactions, and for commands. */
export function purchase(tx: SyncTx, { sku, quantity, email }: PurchaseInput): PurchaseOutput {
  const item = tx.select().from(items).where(eq(items.sku, sku)).get();
  if (!item || item.stock < quantity) return null;
  tx.update(items)
    .set({ stock: item.stock - quantity })
    .where(eq(items.id, item.id))
    .run();
  const order = { itemId: item.id, quantity, email, placedAt: new Date() };
  return tx.insert(orders).values(order).returning({ id: orders.id }).get().id;
}

/** Awaits the same statements, for the split's `transaction`. */
export async function purchaseAsync(
  tx: AsyncTx,
  { sku, quantity, email }: PurchaseInput,
): Promise<PurchaseOutput> {
  const item = await tx.select().from(items).where(eq(items.sku, sku)).get();
  if (!item || item.stock < quantity) return null;
  await tx
    .update(items)
    .set({ stock: item.stock - quantity })
    .where(eq(items.id, item.id))
    .run();
  const order = { itemId: item.id, quantity, email, placedAt: new Date() };
  return (await tx.insert(orders).values(order).returning({ id: orders.id }).get()).id;
}
