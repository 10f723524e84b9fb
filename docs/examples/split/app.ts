/** A Hono application with two routes: reads at once, purchases as a command of the writer. */
import { Hono } from 'hono';
import {
  commandsOf,
  DiskFullError,
  OutcomeUnknownError,
  OverloadedError,
  openSplit,
} from '../../../src/split/open-split.ts';
import * as schema from './schema.ts';
import { createTables, items } from './schema.ts';

export async function createApp(file: string) {
  const db = await openSplit({
    file,
    schema,
    commands: commandsOf<typeof import('./commands.ts')>(new URL('./commands.ts', import.meta.url)),
  });
  await db.run(createTables);
  await db.insert(items).values({ name: 'Sneaker', stock: 5 }).onConflictDoNothing();
  const app = new Hono();

  app.get('/items', (c) => c.json(db.select().from(items).all()));

  app.post('/items/:id/buy', async (c) => c.json(await db.command('buy', { id: Number(c.req.param('id')) })));

  app.onError((error, c) => {
    if (error.name === 'SoldOutError') return c.json({ error: error.message }, 409);
    if (error instanceof OverloadedError) {
      return c.json({ error: error.message }, 503, { 'Retry-After': String(error.retryAfterSeconds) });
    }
    if (error instanceof DiskFullError) return c.json({ error: 'Try again later.' }, 503);
    // The client must look before it tries again.
    if (error instanceof OutcomeUnknownError) return c.json({ error: error.message }, 500);
    throw error;
  });

  return { app, db };
}

if (process.argv[1] === import.meta.filename) {
  const { serve } = await import('@hono/node-server');
  const { app, db } = await createApp('app.db');
  const server = serve({ fetch: app.fetch, port: 3000 });
  process.once('SIGTERM', () => server.close(() => void db.close()));
}
