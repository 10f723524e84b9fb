/** A writer that can't keep up: what does not fit into its queue is answered 503 with Retry-After, and reads go on. */
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import { purchaseCall, sleep, unique } from '../support/shop.ts';

const queueMax = 2;
const deadlineMs = 400;

describe.each(runtimes)('overload on %s', (runtime) => {
  const shop = useServer(runtime, {
    WRITE_QUEUE_MAX: String(queueMax),
    WRITE_BATCH_MAX: '1',
    WRITE_DEADLINE_MS: String(deadlineMs),
  });

  it('refuses what does not fit or waits too long, and does the rest once', async () => {
    const { id } = await shop.createDrop();
    const db = new Database(shop.server.databaseFile);
    db.exec('BEGIN IMMEDIATE');
    // The first one reaches the writer, which waits for the lock; the others wait in its queue, or not at all.
    const calls = Array.from({ length: 6 }, () => purchaseCall(id, {}, unique()));
    const [first, ...others] = calls;
    if (first === undefined) throw new Error('Six calls were made.');
    const begun = shop.send(first);
    await sleep(100);
    const waiting = others.map((call) => shop.send(call));
    await sleep(deadlineMs + 200);
    expect((await shop.drop(id)).items[0]?.held).toBe(0);
    db.exec('COMMIT');
    db.close();
    expect((await begun).status).toBe(201);
    for (const answer of await Promise.all(waiting)) {
      expectAnswer(answer, { status: 503, code: 'overloaded' });
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    }
    expect((await shop.drop(id)).items[0]?.held).toBe(1);
    // Refused means not done: the same key may be tried again, and buys once.
    const again = await shop.send(others[0] ?? first);
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expect((await shop.drop(id)).items[0]?.held).toBe(2);
  });
});
