/** A server answers before it has warmed up, and its warm-up leaves nothing behind. */
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { machines, useServer } from '../support/contract-server.ts';
import { startServer } from '../support/server-process.ts';
import { purchaseCall, until } from '../support/shop.ts';

const warmingUp = { WARM_UP: 'on' };

describe.each(machines)('the warm-up of %s', (runtime) => {
  const shop = useServer(runtime, warmingUp);

  test('comes after the server listens, and writes nothing', async () => {
    const output = await until(
      async () => shop.server.output(),
      (text) => text.includes('"msg":"warmed up"'),
    );
    expect(output.indexOf('"msg":"listening"')).toBeLessThan(output.indexOf('"msg":"warmed up"'));
    const file = new Database(shop.server.databaseFile, { readonly: true });
    try {
      const rows = (table: string) => file.prepare(`select count(*) from ${table}`).pluck().get();
      expect(['drops', 'items', 'orders', 'events'].map(rows)).toEqual([0, 0, 0, 0]);
    } finally {
      file.close();
    }
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock: 1 }] });
    expect((await shop.send(purchaseCall(drop.id))).status).toBe(201);
  });

  test('ends when the server stops', async () => {
    const server = await startServer({ runtime, env: warmingUp });
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(server.output()).not.toContain('the warm-up failed');
  });
});
