/** A drop moves from a machine to the edge and back: same rows, same chain, same certificate. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { createIds } from '../../src/ids/ids.ts';
import { readJson } from '../support/client.ts';
import { expectCleanEnd } from '../support/contract-server.ts';
import { keyOf } from '../support/key-of.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { root, startServer, testEnvironment } from '../support/server-process.ts';
import type { Purchase } from '../support/shapes.ts';
import { customer, purchaseCall, Shop } from '../support/shop.ts';
import { editedFile, signWith } from '../support/signed-drop-file.ts';
import { useEdgeShop } from './worker-under-test.ts';

const node = join(root, 'node_modules/.bin/node');

const ours = signWith(testEnvironment.SECRET_KEY);

/** Runs `npm run move` as a person types it. */
function move(
  databaseFile: string,
  ...args: string[]
): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(node, ['src/cli/main.ts', 'move', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      DATABASE_FILE: databaseFile,
      SECRET_KEY: testEnvironment.SECRET_KEY,
    },
  });
  return { code: status, stdout, stderr };
}

/** The parts of a drop's file that every move must keep. */
function lasting(text: string): Record<string, unknown> {
  const { issuedAt: _, ...certificate } = JSON.parse(text);
  return certificate;
}

/** A machine with a sold drop in its file, and with refunds; stopped for the export. */
async function soldOnMachine(
  others: number,
): Promise<{ file: string; slug: string; purchases: Purchase[]; certificate: string; people: unknown[] }> {
  const shop = new Shop();
  shop.open(await startServer());
  // A key that no drop of the other tests has.
  for (let count = 0; count < others; count += 1) await shop.buy((await shop.createDrop()).id);
  const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1250, stock: 8 }] });
  const purchases: Purchase[] = [];
  const people = Array.from({ length: 8 }, () => customer({ name: 'Änne "O"' }));
  for (let buyer = 0; buyer < 8; buyer += 1) {
    const purchase = await shop.buy(drop.id, { customer: people[buyer] }, keyOf(buyer));
    purchases.push(purchase);
    if (buyer < 6) await shop.pay(purchase);
    else await shop.cancel(purchase);
  }
  const [first, second] = purchases;
  if (first) await shop.admin({ method: 'POST', path: `/admin/orders/${first.order.id}/refund` });
  if (first) await shop.orderBecomes(first, 'refunded');
  if (second) await shop.pay(second);
  await shop.orderBecomes(second ?? first ?? ({} as Purchase), 'paid');
  await shop.patchDrop(drop.id, { paused: true });
  const refunds = async () => (await shop.admin({ path: '/admin/refunds?status=pending' })).text;
  while (!(await refunds()).includes('"refunds":[]'));
  const { text: certificate } = await shop.admin({ path: `/admin/drops/${drop.id}/audit` });
  await expectCleanEnd(shop.server);
  const file = shop.server.databaseFile;
  const connection = new Database(file);
  // As an earlier version stored it.
  const toPlain = connection.prepare('update orders set idempotency_key = ? where idempotency_key = ?');
  expect(toPlain.run(keyOf(0), createIds(shop.server.secretKey).idempotencyKey(keyOf(0))).changes).toBe(1);
  connection.close();
  return { file, slug: drop.slug, purchases, certificate, people };
}

/** The keys move too, both hashes and an earlier version's plain ones. */
async function expectReplays(shop: Shop, slug: string, purchases: Purchase[], people: unknown[]) {
  for (const [buyer, person] of people.entries()) {
    const retry = await shop.send(purchaseCall(slug, { customer: person }, keyOf(buyer)));
    expect([retry.status, retry.headers['idempotency-replayed']], retry.text).toEqual([201, 'true']);
    const { order, token } = purchases[buyer] ?? {};
    expect(readJson<Purchase>(retry)).toMatchObject({ order: { id: order?.id }, token });
  }
}

describe('a sold drop', () => {
  const edge = useEdgeShop();
  const importAtEdge = (body: string) =>
    edge.admin({
      method: 'POST',
      path: '/admin/import',
      body,
      headers: { 'content-type': 'application/jsonl' },
    });

  test('moves from a Node server to the edge and back unchanged', async () => {
    const { file, slug, purchases, certificate, people } = await soldOnMachine(0);
    const exported = move(file, 'export', slug);
    expect(exported.code, exported.stderr).toBe(0);

    const imported = await importAtEdge(exported.stdout);
    expect(imported.status, imported.text).toBe(201);
    const { id } = readJson<{ id: string }>(imported);
    const there = await edge.admin({ path: `/admin/drops/${id}/audit` });
    expect(lasting(there.text)).toEqual(lasting(certificate));
    expect((await edge.send({ path: '/drops' })).text).toContain(slug);
    // A buyer of the machine finds their order here, by the same id and token.
    for (const purchase of purchases) {
      expect((await edge.order(purchase)).order).toMatchObject({ id: purchase.order.id, quantity: 1 });
    }
    await expectReplays(edge, slug, purchases, people);
    const again = await importAtEdge(exported.stdout);
    expect([again.status, readJson<{ code: string }>(again).code]).toEqual([409, 'not_movable']);
    expect(again.text).toContain('already exists here');

    // The sale can continue here: one more purchase, and the drop moves back.
    await edge.patchDrop(id, { paused: false });
    const later = await edge.buy(id);
    purchases.push(later);
    await edge.pay(later);
    await edge.patchDrop(id, { paused: true });
    const after = await edge.admin({ path: `/admin/drops/${id}/audit` });
    const known = new Map<Purchase, object>();
    for (const purchase of purchases) known.set(purchase, (await edge.order(purchase)).order);
    const exportAgain = () => edge.admin({ method: 'POST', path: `/admin/drops/${id}/export` });
    const { text: back } = await exportAgain();
    // A moved drop no longer changes, and its answers say so.
    const statuses = async () => [
      (await edge.send({ path: `/drops/${id}` })).status,
      (await edge.send({ path: `/orders/${later.order.id}`, token: later.token })).status,
      (await edge.send(purchaseCall(id))).status,
      (
        await edge.admin({
          method: 'PATCH',
          path: `/admin/drops/${id}`,
          body: '{"paused":false}',
          headers: { 'content-type': 'application/json' },
        })
      ).status,
    ];
    expect(await statuses()).toEqual([410, 410, 410, 410]);
    expect((await exportAgain()).text).toBe(back);
    const intoItself = await importAtEdge(back);
    expect([intoItself.status, intoItself.text]).toEqual([409, expect.stringContaining('export/undo')]);
    const undone = await edge.admin({ method: 'POST', path: `/admin/drops/${id}/export/undo` });
    expect([undone.status, undone.text]).toEqual([200, JSON.stringify({ slug })]);
    expect((await edge.order(later)).order.status).toBe('paid');
    expect((await exportAgain()).status).toBe(200);
    const target = join(scratchFolder(), 'back.db');
    const lines = join(scratchFolder(), 'back.jsonl');
    writeFileSync(lines, back);
    const returned = move(target, 'import', lines);
    expect(returned.code, returned.stderr).toBe(0);
    const audited = execFileSync(node, ['src/cli/main.ts', 'audit', '--json', '--file', target], {
      cwd: root,
      encoding: 'utf8',
    });
    const [own] = JSON.parse(audited) as Record<string, unknown>[];
    const { drop: _, isClean, firstSaleAt: __, lastSaleAt: ___, ...reported } = lasting(after.text);
    expect(isClean).toBe(true);
    expect(own).toMatchObject(reported);
    const home = new Shop();
    home.open(await startServer({ databaseFile: target }));
    for (const purchase of purchases) {
      const order = known.get(purchase);
      // An order's number depends on the shard that issues it; its id and token do not.
      expect((await home.order(purchase)).order).toEqual({ ...order, number: expect.any(String) });
    }
    await expectReplays(home, slug, purchases, people);
    await expectCleanEnd(home.server);
    expect(move(target, 'import', lines)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already has data'),
    });
  });

  test('that shared its file moves with its own part of the log, in its own chain', async () => {
    const { file, slug, certificate } = await soldOnMachine(3);
    const imported = await importAtEdge(move(file, 'export', slug).stdout);
    expect(imported.status, imported.text).toBe(201);
    const there = await edge.admin({ path: `/admin/drops/${readJson<{ id: string }>(imported).id}/audit` });
    const { log: _, ...sameHere } = lasting(certificate);
    expect(lasting(there.text)).toMatchObject(sameHere);
  });

  test('moves completely and unchanged, or not at all', async () => {
    const { file, slug } = await soldOnMachine(0);
    const { stdout } = move(file, 'export', slug);
    const target = join(scratchFolder(), 'new.db');
    const signedAnew = (edit: (line: string) => string, sign: Parameters<typeof editedFile>[2] = ours) =>
      editedFile(stdout, edit, sign);
    const priced = (sign: Parameters<typeof editedFile>[2]) =>
      signedAnew((line) => line.replaceAll('1250', '1'), sign);
    const damaged: [string, string, reported?: string][] = [
      ['cut off', stdout.slice(0, stdout.length / 2)],
      ['one line less', stdout.split('\n').toSpliced(5, 1).join('\n')],
      ['another price', stdout.replaceAll('1250', '1'), 'was changed after its export'],
      ['a price that is summed anew', priced(null), 'not signed with this SECRET_KEY'],
      [
        'a price that is signed with another key',
        priced(signWith('another key')),
        'not signed with this SECRET_KEY',
      ],
      [
        'a slug that leads elsewhere',
        signedAnew((line) => line.replaceAll(`"${slug}"`, '"../admin"')),
        'Line 2: slug: Must be lower-case letters',
      ],
      [
        'an order that is held',
        signedAnew((line) => line.replace('"paid"', '"held"')),
        'status: Must be one of',
      ],
      ['no drop', '{"format":"something else"}\n'],
      ['nothing', ''],
      ['another version', stdout.replace('"version":8', '"version":7'), 'The drop file has version 7'],
    ];
    for (const [name, text, reported = ''] of damaged) {
      const lines = join(scratchFolder(), 'damaged.jsonl');
      writeFileSync(lines, text);
      const refused = move(target, 'import', lines);
      expect([name, refused.code, refused.stderr]).toEqual([
        name,
        1,
        expect.stringContaining('nothing was moved'),
      ]);
      expect(refused.stderr).toContain(reported);
      expect(refused.stderr).not.toContain('canary');
      const atEdge = await importAtEdge(text);
      expect([name, atEdge.status]).toEqual([name, 422]);
      expect(atEdge.text).toContain(reported);
    }
    const lines = join(scratchFolder(), 'whole.jsonl');
    writeFileSync(lines, stdout);
    expect(move(target, 'import', lines).code).toBe(0);
    expect(readFileSync(target).length).toBeGreaterThan(0);
  });

  test('moves only once it is paused, and no hold is open', async () => {
    const drop = await edge.createDrop();
    const held = await edge.buy(drop.id);
    const refused = await edge.admin({ method: 'POST', path: `/admin/drops/${drop.id}/export` });
    expect([refused.status, readJson<{ code: string }>(refused).code]).toEqual([409, 'not_movable']);
    await edge.patchDrop(drop.id, { paused: true });
    expect((await edge.admin({ method: 'POST', path: `/admin/drops/${drop.id}/export` })).text).toContain(
      '1 open hold',
    );
    await edge.cancel(held);
    expect((await edge.admin({ method: 'POST', path: `/admin/drops/${drop.id}/export` })).status).toBe(200);
    expect((await edge.send({ method: 'POST', path: `/admin/drops/${drop.id}/export` })).status).toBe(401);
  });
});
