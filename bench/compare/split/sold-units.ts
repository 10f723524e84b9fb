/** The plain application's file: created before a run, and counted after it. */
import Database from 'better-sqlite3';
import type { AcknowledgedOrder } from '../../load/acknowledged.ts';

export interface NewItem {
  sku: string;
  stock: number;
}

/** Acknowledged orders that are missing from the file, or differ from it. */
export const lost = 'lost orders';
/** Units in orders beyond the stock of their items. */
export const oversold = 'oversold units';
/** Difference between the initial stock and the sum of remaining stock and orders, in units. */
export const miscounted = 'miscounted units';
export type SoldUnits = Record<typeof lost | typeof oversold | typeof miscounted, number>;

const schema = `
  create table items (id integer primary key, sku text not null unique, stock integer not null) strict;
  create table orders (id integer primary key, "itemId" integer not null references items, quantity integer not null,
    email text not null, "placedAt" integer not null) strict`;

/** Creates the file, in SQLite's default journal mode. */
export function createFile(file: string, items: readonly NewItem[]): void {
  const connection = new Database(file);
  connection.exec(schema);
  const add = connection.prepare<NewItem>('insert into items (sku, stock) values (:sku, :stock)');
  for (const item of items) add.run(item);
  connection.close();
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Counts the units of a file that no process writes. Throws if the file is damaged. */
export function countUnits(
  file: string,
  items: readonly NewItem[],
  acknowledged: readonly AcknowledgedOrder[],
): SoldUnits {
  const connection = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const integrity = connection.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') throw new Error(`${file} is damaged: ${integrity}`);
    const rows = connection
      .prepare<[], { key: string }>(
        "select orders.id || ' ' || sku || ' ' || quantity as key from orders join items on items.id = \"itemId\"",
      )
      .all();
    const stored = new Set(rows.map(({ key }) => key));
    // Two acknowledgements with one id count as one order.
    const found = new Set(
      acknowledged
        .map(({ id, sku, quantity }) => `${id} ${sku} ${quantity}`)
        .filter((key) => stored.has(key)),
    );
    const ledger = connection.prepare<[string], { left: number; ordered: number }>(
      'select stock as left, (select coalesce(sum(quantity), 0) from orders where "itemId" = items.id) as ordered from items where sku = ?',
    );
    const each = items.map(({ sku, stock }) => {
      const { left, ordered } = ledger.get(sku) ?? { left: 0, ordered: 0 };
      return { beyond: Math.max(0, ordered - stock), off: Math.abs(stock - left - ordered) };
    });
    return {
      [lost]: acknowledged.length - found.size,
      [oversold]: sum(each.map(({ beyond }) => beyond)),
      [miscounted]: sum(each.map(({ off }) => off)),
    };
  } finally {
    connection.close();
  }
}
