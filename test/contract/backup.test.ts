/** POST /admin/backup during sales: a prefix of the acknowledged orders, one backup at a time. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockName } from '../../src/database/sqlite/backup-folder.ts';
import { auditFile, readFile } from '../../src/database/sqlite/file-rows.ts';
import { idsOfFile } from '../../src/database/sqlite/ids-of-file.ts';
import { takeLock } from '../../src/split/file-lock.ts';
import { addBallast } from '../support/ballast.ts';
import { readJson } from '../support/client.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import { startServer } from '../support/server-process.ts';
import { purchaseCall, Shop } from '../support/shop.ts';

interface Made {
  file: string;
  bytes: number;
  sha256: string;
  lastSeq: number;
  createdAt: string;
  removed: number;
}

const call = { method: 'POST', path: '/admin/backup' };
const folderOf = (shop: Shop): string => `${shop.server.databaseFile}.backups`;
const eventsUpTo = (file: string, seq: number): unknown[] =>
  readFile(file, (open) => open.prepare('select * from events where seq <= ? order by seq').all(seq));

describe.each(machines)('a backup on %s', (runtime) => {
  const shop = useServer(runtime, { BACKUP_KEEP: '2' });

  test('during purchases has everything acknowledged before it, and ends at one event', async () => {
    const items = [{ sku: 'one', name: 'One', price: 1250, stock: 100_000 }];
    const drop = await shop.createDrop({ items });
    const acknowledged: string[] = [];
    let isOver = false;
    const buy = async (): Promise<void> => {
      while (!isOver) {
        const { order } = await shop.buy(drop.id);
        acknowledged.push(order.id);
      }
    };
    const buyers = Array.from({ length: 8 }, buy);
    await expect.poll(() => acknowledged.length).toBeGreaterThan(200);
    const before = [...acknowledged];
    const answer = await shop.admin(call);
    const during = acknowledged.length - before.length;
    isOver = true;
    await Promise.all(buyers);

    expect(answer.status, answer.text).toBe(201);
    const made = readJson<Made>(answer);
    expect(made.file).toMatch(new RegExp(`^stampede-\\d{8}T\\d{6}Z-${made.lastSeq}\\.db$`));
    expect(during).toBeGreaterThan(0);
    const path = join(folderOf(shop), made.file);
    const { databaseFile, secretKey } = shop.server;
    expect(auditFile(path)).toEqual([]);
    const there = readFile(path, (open) =>
      open
        .prepare<[], { dropId: number; orderId: number }>(
          'select id as orderId, drop_id as dropId from orders',
        )
        .all()
        .map((key) => idsOfFile(open, secretKey).order(key)),
    );
    expect(before.filter((id) => !there.includes(id))).toEqual([]);
    // The backup holds a prefix of the log: the rest was written after it.
    const events = eventsUpTo(path, Number.MAX_SAFE_INTEGER);
    expect(events).toHaveLength(made.lastSeq);
    expect(events).toEqual(eventsUpTo(databaseFile, made.lastSeq));
    const isCommit = readFile(databaseFile, (open) =>
      open.prepare('select 1 from links where last_seq = ?').get(made.lastSeq),
    );
    expect(isCommit).toBeDefined();
    expect(eventsUpTo(databaseFile, Number.MAX_SAFE_INTEGER).length).toBeGreaterThan(made.lastSeq);
  });

  test('is logged once it is complete, and older ones are deleted', async () => {
    const answers = [await shop.admin(call), await shop.admin(call), await shop.admin(call)];
    const all = answers.map((answer) => readJson<Made>(answer));
    expect(all.at(-1)?.removed).toBe(1);
    const kept = all.slice(1).flatMap(({ file }) => [file, `${file}.sha256`]);
    expect(
      readdirSync(folderOf(shop))
        .filter((name) => name !== lockName)
        .sort(),
    ).toEqual(kept.sort());
    const lastEvent = readFile(shop.server.databaseFile, (open) =>
      open.prepare('select kind, actor, seq from events order by seq desc limit 1').get(),
    );
    expect(lastEvent).toEqual({ kind: 'backed_up', actor: 'operator', seq: (all.at(-1)?.lastSeq ?? 0) + 1 });
    expect(auditFile(shop.server.databaseFile)).toEqual([]);
  });

  test('is refused during another one, by any process', async () => {
    const [one, other] = await Promise.all([shop.admin(call), shop.admin(call)]);
    expect([one.status, other.status].sort()).toEqual([201, 409]);
    const release = takeLock(join(folderOf(shop), lockName));
    expectAnswer(await shop.admin(call), { status: 409, code: 'backup_running' });
    release?.();
    expect((await shop.admin(call)).status).toBe(201);
  });

  test('that can’t be written is answered 503, and the server keeps selling', async () => {
    // A server of its own, because it logs an error.
    const server = await startServer({ runtime });
    onTestFinished(() => server.kill());
    const poor = new Shop();
    poor.open(server);
    const { id } = await poor.createDrop();
    const folder = folderOf(poor);
    writeFileSync(folder, 'in the way');
    const failed = await poor.admin(call);
    expectAnswer(failed, { status: 503, code: 'backup_failed', lacks: [dirname(folder), 'EEXIST'] });
    expect(failed.headers['retry-after']).toMatch(/^\d+$/);
    expect(server.output()).toMatch(/"level":"error".*EEXIST.*a backup failed/);
    expect((await poor.send(purchaseCall(id))).status).toBe(201);
    rmSync(folder);
    expect((await poor.admin(call)).status).toBe(201);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });

  test('leaves no partial file when the server stops meanwhile', async () => {
    const server = await startServer({ runtime });
    const shopOfIts = new Shop();
    shopOfIts.open(server);
    addBallast(server.databaseFile);
    const folder = folderOf(shopOfIts);
    mkdirSync(folder);
    const asked = shopOfIts.admin(call).catch(() => null);
    await expect
      .poll(() => readdirSync(folder).some((name) => name.endsWith('.partial')), {
        interval: 1,
      })
      .toBe(true);
    const end = await server.stop();
    await asked;
    expect(end.signal).toBeNull();
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

describe('on Workers', () => {
  const shop = useServer('workerd');

  test('there is no such route: the platform keeps earlier states', async () => {
    const statusWith = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${shop.server.url}${call.path}`, { method: 'POST', headers })).status;
    };
    expect([await statusWith(shop.server.adminToken), await statusWith('wrong')]).toEqual([404, 401]);
  });
});
