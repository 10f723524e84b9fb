/** The comparison's plain application sells alike however its database is opened. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../../bench/compare/split/app.ts';
import { openers, ways } from '../../../bench/compare/split/databases.ts';
import {
  countUnits,
  createFile,
  lost,
  miscounted,
  oversold,
} from '../../../bench/compare/split/sold-units.ts';
import type { AcknowledgedOrder } from '../../../bench/load/acknowledged.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

interface Acknowledgement {
  order: AcknowledgedOrder;
}

const items = [
  { sku: 'S1', stock: 6 },
  { sku: 'S2', stock: 2 },
];
const newFile = (): string => {
  const file = join(scratchFolder(), 'app.db');
  createFile(file, items);
  return file;
};
const nothing = { [lost]: 0, [oversold]: 0, [miscounted]: 0 };

describe.each(ways)('opened as %s', (way) => {
  test('a crowd buys all units, and each order is in the file', async () => {
    const file = newFile();
    const database = await openers[way](file);
    const app = createApp(database);
    const buy = (sku: string) =>
      app.request('/purchase', {
        method: 'POST',
        body: JSON.stringify({ sku, quantity: 1, customer: { email: 'one@load.example' } }),
      });
    const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => buy(index % 2 ? 'S1' : 'S2')));
    const statuses = answers.map(({ status }) => status);
    const list = await app.request('/drops');
    await database.close();

    expect(statuses.filter((status) => status === 201)).toHaveLength(8);
    expect(statuses.filter((status) => status === 409)).toHaveLength(8);
    expect(await list.json()).toMatchObject({ drops: [{ items: [{ stock: 0 }, { stock: 0 }] }] });
    const placed = answers.filter(({ status }) => status === 201);
    const bodies = await Promise.all(placed.map((answer) => answer.json() as Promise<Acknowledgement>));
    const acknowledged = bodies.map(({ order }) => order);
    expect(countUnits(file, items, acknowledged)).toEqual(nothing);
  });
});

describe('countUnits', () => {
  const order: AcknowledgedOrder = { id: '1', sku: 'S2', quantity: 1 };
  const fileWith = (sql: string): string => {
    const file = newFile();
    const connection = new Database(file);
    connection.exec(sql);
    connection.close();
    return file;
  };
  const sold = (id: number, quantity: number): string =>
    `insert into orders values (${id}, 2, ${quantity}, '', 0); update items set stock = stock - ${quantity} where id = 2;`;

  test('finds no violation in a file with all acknowledged orders', () => {
    expect(countUnits(fileWith(sold(1, 1)), items, [order])).toEqual(nothing);
  });

  test.each([
    ['a missing order', '', { [lost]: 1 }],
    ['an order of another size', sold(1, 2), { [lost]: 1 }],
    ['more units than there were', sold(1, 1) + sold(2, 3), { [oversold]: 2 }],
    ['a decrement without an order', `${sold(1, 1)} update items set stock = 0`, { [miscounted]: 7 }],
  ])('counts %s', (_, sql, wrong) => {
    expect(countUnits(fileWith(sql), items, [order])).toEqual({ ...nothing, ...wrong });
  });

  test('counts the second of two answers that name one order', () => {
    expect(countUnits(fileWith(sold(1, 1)), items, [order, order])).toEqual({ ...nothing, [lost]: 1 });
  });
});
