/** The same application on the split: another import, and another line that opens the database. */
import { and, eq, gt, sql } from 'drizzle-orm';
import { Hono } from 'hono';
import { openSplit } from '../../../src/split/open-split.ts';
import * as schema from './schema.ts';
import { createTables, items } from './schema.ts';

export async function createApp(file: string) {
  const db = await openSplit({ file, schema });
  await db.run(createTables);
  await db.insert(items).values({ name: 'Sneaker', stock: 5 }).onConflictDoNothing();
  const app = new Hono();

  app.get('/items', async (c) => c.json(await db.select().from(items)));

  app.post('/items/:id/buy', async (c) => {
    const inStock = and(eq(items.id, Number(c.req.param('id'))), gt(items.stock, 0));
    const [bought] = await db
      .update(items)
      .set({ stock: sql`${items.stock} - 1` })
      .where(inStock)
      .returning();
    return bought ? c.json(bought) : c.json({ error: 'sold out' }, 409);
  });

  return { app, db };
}
