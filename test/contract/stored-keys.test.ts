/** Idempotency-Keys may contain an address: only hashes are stored, and older orders are found. */
import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createIds } from '../../src/ids/ids.ts';
import { type Call, canary, readJson } from '../support/client.ts';
import { expectCleanEnd, machines, runtimes, useServer } from '../support/contract-server.ts';
import { databaseFilesOf, readEach, violationsOf } from '../support/database-files.ts';
import { type RuntimeName, type ServerProcess, startServer } from '../support/server-process.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { purchaseCall, type Shop, unique } from '../support/shop.ts';

const hashed = (server: ServerProcess, key: string): string =>
  createIds(server.secretKey).idempotencyKey(key);
const keysOf = (server: ServerProcess): unknown[] =>
  readEach(server, (open) => open.prepare('select idempotency_key from orders').pluck().all());
const isInFiles = (server: ServerProcess, text: string): boolean =>
  databaseFilesOf(server)
    .flatMap((file) => [file, `${file}-wal`])
    .some((file) => existsSync(file) && readFileSync(file).includes(text));

/** A purchase by `o'brien-…@…`, with a key that begins with that address. */
function purchaseOfBrien(drop: AdminDrop): { email: string; key: string; call: Call } {
  const email = `o'brien-${unique()}@${canary}.example`;
  const key = `${email}-1234-${unique()}`;
  return { email, key, call: purchaseCall(drop.id, { customer: { email } }, key) };
}

/** Changes one order in the files while the server is stopped. */
async function restartWith(
  shop: Shop,
  runtime: RuntimeName,
  sql: string,
  ...values: string[]
): Promise<void> {
  const { server } = shop;
  await server.stop();
  let changed = 0;
  for (const file of databaseFilesOf(server)) {
    const connection = new Database(file);
    changed += connection.prepare(sql).run(...values).changes;
    connection.close();
  }
  expect(changed).toBe(1);
  shop.open(await startServer({ runtime, databaseFile: server.databaseFile }));
}

/** Stores plain keys, as earlier versions did, while the server is stopped. */
async function restartWithPlain(shop: Shop, runtime: RuntimeName, keys: readonly string[]): Promise<void> {
  const { server } = shop;
  await expectCleanEnd(server, shop.tokens);
  let changed = 0;
  for (const file of databaseFilesOf(server)) {
    const connection = new Database(file);
    const update = connection.prepare('update orders set idempotency_key = ? where idempotency_key = ?');
    for (const key of keys) changed += update.run(key, hashed(server, key)).changes;
    connection.close();
  }
  expect(changed).toBe(keys.length);
  shop.open(await startServer({ runtime, databaseFile: server.databaseFile }));
}

describe.each(runtimes)('idempotency keys in the file on %s', (runtime) => {
  const shop = useServer(runtime);

  const first = async (call: Call): Promise<Purchase> => {
    const answer = await shop.send(call);
    expect(answer.status, answer.text).toBe(201);
    return readJson<Purchase>(answer);
  };
  const expectReplay = async (call: Call, { order, token }: Purchase): Promise<void> => {
    const answer = await shop.send(call);
    expect([answer.status, answer.headers['idempotency-replayed']], answer.text).toEqual([201, 'true']);
    expect(readJson<Purchase>(answer)).toMatchObject({ order, token });
  };
  const erase = async (email: string): Promise<number> => {
    const call: Call = { method: 'POST', path: '/admin/customers/erase', json: { email } };
    const answer = await shop.admin(call);
    expect(answer.status, answer.text).toBe(200);
    return readJson<{ orders: number }>(answer).orders;
  };

  it('are keyed hashes: no byte of it is as the client sent it', async () => {
    const { key, call } = purchaseOfBrien(await shop.createDrop());
    const bought = await first(call);
    expect(keysOf(shop.server)).toContain(hashed(shop.server, key));
    expect(isInFiles(shop.server, key)).toBe(false);
    await restartWithPlain(shop, runtime, []);
    expect(isInFiles(shop.server, hashed(shop.server, key))).toBe(true);
    expect(isInFiles(shop.server, key)).toBe(false);
    await expectReplay(call, bought);
  });

  it('are found in orders of earlier versions, which hold them as they were sent, also when sold out', async () => {
    const drop = await shop.createDrop();
    const { key, call } = purchaseOfBrien(drop);
    const bought = await first(call);
    await restartWithPlain(shop, runtime, [key]);
    await expectReplay(call, bought);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: 1 });
    await shop.buy(drop.id, { quantity: 4 });
    expect((await shop.drop(drop.id)).phase).toBe('sold_out');
    await expectReplay(call, bought);
  });

  it('are found for an hour where an earlier version accepted a short one', async () => {
    const drop = await shop.createDrop();
    const { email, key, call } = purchaseOfBrien(drop);
    const bought = await first(call);
    const short = unique().slice(-15);
    const ofShort = purchaseCall(drop.id, { customer: { email } }, short);
    const setKey = 'update orders set idempotency_key = ? where idempotency_key = ?';
    await restartWith(shop, runtime, setKey, short, hashed(shop.server, key));
    await expectReplay(ofShort, bought);
    const other = purchaseCall(drop.id, { customer: { email }, quantity: 2 }, short);
    expect((await shop.send(other)).status).toBe(422);
    const move = (hour: string) =>
      `update orders set created_at = created_at ${hour} where idempotency_key = ?`;
    await restartWith(shop, runtime, move('- 3600000'), short);
    expect((await shop.send(ofShort)).status).toBe(422);
    await restartWith(shop, runtime, move('+ 3600000'), short);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: 1 });
  });

  it('become hashes when the personal data is deleted, and a retry is still a retry', async () => {
    const { email, key, call } = purchaseOfBrien(await shop.createDrop());
    const bought = await first(call);
    await restartWithPlain(shop, runtime, [key]);
    expect(isInFiles(shop.server, key)).toBe(true);
    expect(await erase(email)).toBe(1);
    await expectReplay(call, bought);
    expect(keysOf(shop.server)).toContain(hashed(shop.server, key));
    expect(keysOf(shop.server)).not.toContain(key);
    expect(await erase(email)).toBe(0);
    expect(violationsOf(shop.server)).toEqual([]);
    await restartWithPlain(shop, runtime, []);
    // On Workers the platform keeps the storage's bytes.
    if (machines.includes(runtime)) expect(isInFiles(shop.server, key)).toBe(false);
    await expectReplay(call, bought);
  });

  it('become hashes also for a customer whose other data an earlier version has deleted', async () => {
    const { email, key, call } = purchaseOfBrien(await shop.createDrop());
    const bought = await first(call);
    expect(await erase(email)).toBe(1);
    await restartWithPlain(shop, runtime, [key]);
    expect(await erase(email)).toBe(1);
    expect(keysOf(shop.server)).not.toContain(key);
    await expectReplay(call, bought);
  });

  it('as they are stored are not accepted from a client', async () => {
    const drop = await shop.createDrop();
    const { email, key, call } = purchaseOfBrien(drop);
    await first(call);
    const stored = hashed(shop.server, key);
    const answer = await shop.send(purchaseCall(drop.id, { customer: { email } }, stored));
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Idempotency-Key');
  });
});
