/** Compares the database file of a run with what the server acknowledged. */
import Database from 'better-sqlite3';
import { orderItemRows } from '../../drizzle/order-items.ts';
import type { AcknowledgedOrder } from './acknowledged.ts';

export interface Check {
  name: string;
  passed: boolean;
  detail: string;
  /** Number of wrong items, where a comparison counts them. */
  wrong?: number;
}

export interface Evidence {
  acknowledged: readonly AcknowledgedOrder[];
  /** Purchases with an unknown outcome: each may be in the file or not. */
  unknown: number;
  /** Acknowledged payments, each for an order of one unit; null if they were not counted. */
  paid: number | null;
  /** Returns the row key of a public order id; null if the id is not of this server. */
  orderKeyOf: (publicId: string) => number | null;
}

interface OrderRow {
  id: number;
  sku: string;
  quantity: number;
}

interface ItemRow {
  sku: string;
  stock: number;
  held: number;
  sold: number;
  ordered: number;
}

const check = (name: string, passed: boolean, detail: string): Check => ({ name, passed, detail });
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);

/**
 * Opens the file read-only and checks it. The file must have been new when the run began, and no
 * process may still write it. Throws if the file can't be opened or is not a database of this
 * project.
 */
export function checkFile(databaseFile: string, evidence: Evidence): Check[] {
  const database = new Database(databaseFile, { readonly: true, fileMustExist: true });
  try {
    const integrity = database.pragma('integrity_check', { simple: true });
    const orders = database
      .prepare<[], OrderRow>(
        `SELECT order_id AS id, sku, quantity FROM ${orderItemRows} JOIN items ON items.id = item_id`,
      )
      .all();
    const items = database
      .prepare<[], ItemRow>(
        `SELECT sku, stock, held, sold,
          (SELECT coalesce(sum(quantity), 0) FROM ${orderItemRows} JOIN orders ON orders.id = order_id
            WHERE item_id = items.id AND status IN ('held', 'paid', 'fulfilled')) AS ordered
         FROM items`,
      )
      .all();
    return [
      check('the file is whole', integrity === 'ok', `integrity_check: ${integrity}`),
      ...checkOrders(orders, evidence),
      ...checkItems(items, evidence),
    ];
  } finally {
    database.close();
  }
}

function checkOrders(rows: readonly OrderRow[], { acknowledged, unknown, orderKeyOf }: Evidence): Check[] {
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const keys = new Set<number>();
  /** Orders with an answer that was not a replay: each order has exactly one. */
  const placed = new Set<number>();
  const lost: string[] = [];
  const doubled: string[] = [];
  for (const order of acknowledged) {
    const key = orderKeyOf(order.id);
    const row = key === null ? undefined : rowOf.get(key);
    if (row === undefined || row.sku !== order.sku || row.quantity !== order.quantity) lost.push(order.id);
    else if (placed.has(row.id) && !order.isReplay) doubled.push(order.id);
    else {
      keys.add(row.id);
      if (!order.isReplay) placed.add(row.id);
    }
  }
  const unexpected = rows.length - keys.size;
  return [
    check('no acknowledged order is lost', lost.length === 0, listed(acknowledged.length, 'looked up', lost)),
    check('no order is acknowledged twice', doubled.length === 0, listed(keys.size, 'distinct', doubled)),
    check(
      'every order in the file is acknowledged or in doubt',
      unexpected >= 0 && unexpected <= unknown,
      `${rows.length} in the file, ${keys.size} acknowledged, ${unknown} without a known outcome`,
    ),
  ];
}

function checkItems(items: readonly ItemRow[], { acknowledged, unknown, paid }: Evidence): Check[] {
  const taken = sum(items.map((item) => item.held + item.sold));
  const units = sum(new Map(acknowledged.map(({ id, quantity }) => [id, quantity])).values());
  // The units of an unknown purchase are unknown, so with one of them only the lower bound holds.
  const matches = unknown === 0 ? taken === units : taken >= units;
  return [
    check(
      'held + sold is what was acknowledged',
      matches,
      `${taken} units held or sold, ${units} acknowledged`,
    ),
    check(
      'sold is what was paid for',
      paid === null || paid === sum(items.map((item) => item.sold)),
      `${sum(items.map((item) => item.sold))} units sold, ${paid ?? 'not counted'} paid for`,
    ),
    check(
      'held + sold is what the orders of each item say',
      items.every((item) => item.held + item.sold === item.ordered),
      firstOf(items, (item) => `${item.sku} ${item.held + item.sold}/${item.ordered}`),
    ),
    check(
      'nothing is oversold',
      items.every((item) => item.held + item.sold <= item.stock),
      firstOf(items, (item) => `${item.sku} ${item.held + item.sold} of ${item.stock}`),
    ),
  ];
}

/** Lists the first few, and the number of the others. */
function firstOf<T>(all: readonly T[], text: (one: T) => string): string {
  const shown = all.slice(0, 5).map(text).join(', ');
  return all.length > 5 ? `${shown} and ${all.length - 5} more` : shown;
}

function listed(count: number, word: string, wrong: readonly string[]): string {
  const examples = wrong.length === 0 ? '' : `: ${wrong.slice(0, 5).join(' ')}`;
  return `${count} ${word}, ${wrong.length} wrong${examples}`;
}
