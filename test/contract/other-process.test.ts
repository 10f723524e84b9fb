/** Changes that another process commits to the same file: every reader shows them. */
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { readJson } from '../support/client.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import type { Drop } from '../support/shapes.ts';
import { customer, purchaseCall, unique, until } from '../support/shop.ts';

describe.each(machines)('another process on the file of %s', (runtime) => {
  // A slow machine must not time out while another process holds the lock.
  const patience = { BUSY_TIMEOUT_MS: '60000', WRITE_DEADLINE_MS: '60000' };
  // Edits made with SQL have no events.
  const shop = useServer(runtime, patience, /^catalogue_matches_events: /);

  /** Runs one statement on a connection of its own, as another program would. */
  function elsewhere(sql: string, ...values: unknown[]): void {
    const db = new Database(shop.server.databaseFile);
    try {
      db.pragma('busy_timeout = 5000');
      expect(db.prepare(sql).run(...values).changes).toBe(1);
    } finally {
      db.close();
    }
  }

  /** Polls until `fits` accepts the drop. */
  const shows = (slug: string, fits: (drop: Drop) => boolean): Promise<Drop> =>
    until(() => shop.drop(slug), fits);

  it('shows another title in detail and list, with another ETag', async () => {
    const { slug } = await shop.createDrop();
    const before = await shop.send({ path: `/drops/${slug}` });
    elsewhere('UPDATE drops SET title = ? WHERE slug = ?', 'From elsewhere', slug);
    await shows(slug, (drop) => drop.title === 'From elsewhere');
    const list = readJson<{ drops: Drop[] }>(await shop.send({ path: '/drops' }));
    expect(list.drops.find((drop) => drop.slug === slug)?.title).toBe('From elsewhere');
    const { etag } = before.headers;
    const after = await shop.send({ path: `/drops/${slug}`, headers: { 'If-None-Match': etag ?? '' } });
    expect(after.status).toBe(200);
  });

  it('shows and sells stock that another process added', async () => {
    const { id, slug } = await shop.createDrop();
    await shop.buy(id, { quantity: 5 });
    expectAnswer(await shop.send(purchaseCall(id)), { status: 409, code: 'sold_out' });
    elsewhere('UPDATE items SET stock = 7 WHERE drop_id = (SELECT id FROM drops WHERE slug = ?)', slug);
    const drop = await shows(slug, ({ items }) => items[0]?.available === 2);
    expect([drop.phase, drop.items[0]?.stock]).toEqual(['live', 7]);
    await shop.buy(id, { quantity: 2 });
    expectAnswer(await shop.send(purchaseCall(id)), { status: 409, code: 'sold_out' });
  });

  it('sells no unit that another process removed', async () => {
    const { id, slug } = await shop.createDrop();
    elsewhere('UPDATE items SET stock = 0 WHERE drop_id = (SELECT id FROM drops WHERE slug = ?)', slug);
    expectAnswer(await shop.send(purchaseCall(id)), { status: 409, code: 'sold_out' });
    await shows(slug, ({ phase }) => phase === 'sold_out');
  });

  it('shows and sells a drop that another process inserted', async () => {
    const slug = `foreign-${unique()}`;
    const startsAtMs = Date.now() - 1_000;
    elsewhere(
      `INSERT INTO drops (slug, title, description, currency, starts_at, hold_seconds, published, paused, created_at)
       VALUES (?, 'Inserted', '', 'EUR', ?, 600, 1, 0, ?)`,
      slug,
      startsAtMs,
      startsAtMs,
    );
    elsewhere(
      `INSERT INTO items (drop_id, sku, name, price, stock) SELECT id, 'one', 'One', 500, 1 FROM drops WHERE slug = ?`,
      slug,
    );
    await until(
      () => shop.send({ path: `/drops/${slug}` }),
      (answer) => answer.status === 200 && readJson<Drop>(answer).phase === 'live',
    );
    const mine = await shop.buy(slug, { customer: customer() });
    expect([mine.order.unitPrice, (await shop.drop(slug)).phase]).toEqual([500, 'sold_out']);
  });

  it('waits for another process’s short lock, and loses nothing', async () => {
    const { id } = await shop.createDrop({
      items: [{ sku: 'one', name: 'One', price: 500, stock: 10_000 }],
    });
    const waiting = async () => {
      const { text } = await shop.send({ path: '/readyz' });
      return (JSON.parse(text) as { queueDepth: { holds: number } }).queueDepth.holds;
    };
    const db = new Database(shop.server.databaseFile);
    db.exec('BEGIN IMMEDIATE');
    const bought: Promise<unknown>[] = [];
    // Holds queue up only while earlier ones are at the writer, which waits for the lock.
    await until(
      async () => {
        bought.push(shop.buy(id));
        return waiting();
      },
      (depth) => depth > 0,
    );
    const reads = await shop.drop(id);
    expect(reads.items[0]?.held).toBe(0);
    db.exec('COMMIT');
    db.close();
    await Promise.all(bought);
    expect((await shop.drop(id)).items[0]?.held).toBe(bought.length);
  });
});
