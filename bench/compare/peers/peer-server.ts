/**
 * A peer's process: `GET /drops` and `POST /purchase` over one peer's database, on Hono, for the
 * same client.
 */
import { Hono } from 'hono';
import { serve } from '../../rounds/serve.ts';
import { openBetterSqlite3 } from './better-sqlite3.ts';
import { openLibsql } from './libsql.ts';
import type { PeerDatabase } from './peer-database.ts';
import { openPostgres } from './postgres.ts';

const openers: Record<string, (path: string) => PeerDatabase | Promise<PeerDatabase>> = {
  'better-sqlite3': openBetterSqlite3,
  libsql: openLibsql,
  postgres: openPostgres,
};
const [kind = '', path = ''] = process.argv.slice(2);
const open = openers[kind];
if (!open) throw new Error(`There is no peer ${kind}.`);
const database = await open(path);

interface PurchaseBody {
  sku: string;
  quantity: number;
  customer: { email: string };
}

const app = new Hono()
  .get('/drops', async (c) => c.json({ drops: [{ id: 'drop', items: await database.items() }] }))
  .get('/counts', async (c) => c.json(await database.counts()))
  .post('/purchase', async (c) => {
    const { sku, quantity, customer } = await c.req.json<PurchaseBody>();
    const key = c.req.header('idempotency-key') ?? '';
    const outcome = await database.purchase({ sku, quantity, customer: customer.email, key });
    if (outcome.kind === 'sold_out') return c.json({ code: 'sold_out' }, 409);
    if (outcome.kind === 'replayed') c.header('idempotency-replayed', 'true');
    return c.json({ order: { id: String(outcome.orderId), sku, quantity } }, 201);
  });
await serve(app.fetch, () => database.close());
