/**
 * The plain application: a list and a purchase on Hono and Drizzle, the same for every way to open
 * the database.
 */
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { Hono } from 'hono';
import { OverloadedError } from '../../../src/split/open-split.ts';
import type { PurchaseInput, PurchaseOutput, Schema } from './purchase.ts';
import { items } from './schema.ts';

export interface Database {
  db: Pick<BetterSQLite3Database<Schema>, 'select'>;
  /** Runs a purchase in a transaction. */
  purchase(input: PurchaseInput): PurchaseOutput | Promise<PurchaseOutput>;
  close(): unknown;
}

interface PurchaseBody {
  sku: string;
  quantity: number;
  customer: { email: string };
}

export const createApp = ({ db, purchase }: Pick<Database, 'db' | 'purchase'>): Hono =>
  new Hono()
    .get('/drops', async (c) => {
      const listed = await db.select().from(items).orderBy(items.id);
      return c.json({ drops: [{ id: 'drop', items: listed }] });
    })
    .post('/purchase', async (c) => {
      const { sku, quantity, customer } = await c.req.json<PurchaseBody>();
      const id = await purchase({ sku, quantity, email: customer.email });
      if (id === null) return c.json({ code: 'sold_out' }, 409);
      return c.json({ order: { id: String(id), sku, quantity } }, 201);
    })
    .onError((error, c) => {
      if (!(error instanceof OverloadedError))
        return c.json({ code: 'internal', detail: error.message }, 500);
      c.header('retry-after', String(error.retryAfterSeconds));
      return c.json({ code: 'overloaded' }, 503);
    });
