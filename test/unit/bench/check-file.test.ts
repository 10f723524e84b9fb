/** The check of a load run's file must find every kind of invalid file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AcknowledgedLog, readAcknowledged } from '../../../bench/load/acknowledged.ts';
import { checkFile, type Evidence } from '../../../bench/load/check-file.ts';

const migrations = new URL('../../../drizzle/migrations/', import.meta.url);
let folder = '';
let file = '';

/** Runs statements on the file that no server would run. */
function tamper(sql: string): void {
  const database = new Database(file);
  database.pragma('ignore_check_constraints = ON');
  database.exec(sql);
  database.close();
}

const insertOrder = (id: number, itemId: number, quantity = 1): string =>
  `INSERT INTO orders (id, drop_id, items, units, total, status, customer, fingerprint, created_at, hold_expires_at)
   VALUES (${id}, 1, '[[${itemId},${quantity},100]]', ${quantity}, ${quantity * 100}, 'held', 'c${id}', 'f', 1, 2);`;

const evidence: Evidence = {
  acknowledged: [
    { id: 'ord_1', sku: 'S', quantity: 1 },
    { id: 'ord_2', sku: 'M', quantity: 1 },
  ],
  unknown: 0,
  paid: 0,
  orderKeyOf: (publicId) => (publicId.startsWith('ord_') ? Number(publicId.slice(4)) : null),
};

const failed = (given: Partial<Evidence> = {}): string[] =>
  checkFile(file, { ...evidence, ...given })
    .filter((check) => !check.passed)
    .map((check) => check.name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stampede-check-'));
  file = join(folder, 'drop.db');
  const names = readdirSync(migrations)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  for (const name of names) tamper(readFileSync(new URL(name, migrations), 'utf8'));
  tamper(`INSERT INTO drops (id, slug, title, description, currency, starts_at, hold_seconds, published, paused, created_at)
            VALUES (1, 'load', 'Load', '', 'EUR', 1, 60, 1, 0, 1);
          INSERT INTO items (id, drop_id, sku, name, price, stock, held)
            VALUES (1, 1, 'S', 'S', 100, 9, 1), (2, 1, 'M', 'M', 100, 9, 1);
          ${insertOrder(1, 1)} ${insertOrder(2, 2)}`);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('checkFile', () => {
  test('passes a file that holds what was acknowledged', () => {
    expect(failed()).toEqual([]);
  });

  test('finds a lost order', () => {
    tamper('DELETE FROM orders WHERE id = 2; UPDATE items SET held = 0 WHERE id = 2');
    expect(failed()).toContain('no acknowledged order is lost');
  });

  test('finds an order that says another item or quantity than acknowledged', () => {
    tamper("UPDATE orders SET items = '[[1,1,100]]' WHERE id = 2");
    expect(failed()).toContain('no acknowledged order is lost');
  });

  test('finds an acknowledged order id that is invalid', () => {
    const [first] = evidence.acknowledged;
    expect(failed({ acknowledged: first ? [first, { ...first, id: 'forged' }] : [] })).toContain(
      'no acknowledged order is lost',
    );
  });

  test('finds one order acknowledged to two customers', () => {
    const acknowledged = [...evidence.acknowledged, ...evidence.acknowledged.slice(0, 1)];
    expect(failed({ acknowledged })).toContain('no order is acknowledged twice');
  });

  test('counts a replay as the order that it repeats', () => {
    const [first] = evidence.acknowledged;
    if (!first) throw new Error('There is no order to repeat.');
    const replay = { ...first, isReplay: true } as const;
    expect(failed({ acknowledged: [...evidence.acknowledged, replay, replay] })).toEqual([]);
    expect(failed({ acknowledged: [...evidence.acknowledged, { ...replay, sku: 'L' }] })).toEqual([
      'no acknowledged order is lost',
    ]);
  });

  test('finds unpaid units that were sold', () => {
    expect(failed({ paid: 1 })).toEqual(['sold is what was paid for']);
  });

  test('finds an order written twice, unless a purchase of unknown outcome explains it', () => {
    tamper(`${insertOrder(3, 1)} UPDATE items SET held = 2 WHERE id = 1`);
    expect(failed()).toEqual([
      'every order in the file is acknowledged or in doubt',
      'held + sold is what was acknowledged',
    ]);
    expect(failed({ unknown: 1 })).toEqual([]);
  });

  test('finds counts that contradict the orders', () => {
    tamper('UPDATE items SET held = 0, sold = 2 WHERE id = 1; UPDATE items SET held = 0 WHERE id = 2');
    expect(failed({ paid: null })).toEqual(['held + sold is what the orders of each item say']);
  });

  test('finds an oversold item', () => {
    tamper('UPDATE items SET stock = 0 WHERE id = 1');
    expect(failed()).toContain('nothing is oversold');
  });

  test('finds a damaged file', () => {
    const database = new Database(file, { readonly: true });
    const page = database
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'orders_drop'")
      .pluck()
      .get();
    const pageBytes = database.pragma('page_size', { simple: true });
    database.close();
    const bytes = readFileSync(file);
    bytes.fill(0, (Number(page) - 1) * Number(pageBytes), Number(page) * Number(pageBytes));
    writeFileSync(file, bytes);
    expect(failed()).toEqual(['the file is whole']);
  });

  test('creates no missing file', () => {
    expect(() => checkFile(join(folder, 'absent.db'), evidence)).toThrow();
  });
});

describe('AcknowledgedLog', () => {
  test('returns the appended entries', async () => {
    const list = join(folder, 'acknowledged.txt');
    const log = new AcknowledgedLog(list);
    const orders = Array.from({ length: 20_000 }, (_, index) => ({
      id: `ord_${index}`,
      sku: 'S',
      quantity: 1,
    }));
    for (const order of orders) log.enter({ outcome: 'held', order });
    await log.close();
    expect(readAcknowledged(list)).toEqual(orders);
  });

  test('is empty after a run without acknowledgements', async () => {
    const list = join(folder, 'acknowledged.txt');
    await new AcknowledgedLog(list).close();
    expect(readAcknowledged(list)).toEqual([]);
  });
});
