/** The usual first implementation: better-sqlite3 at FULL, with the transaction in the handler. */
import Database from 'better-sqlite3';
import {
  newItems,
  type PeerDatabase,
  type PeerItem,
  type PeerOutcome,
  sqlitePragmas,
  sqliteSchema,
} from './peer-database.ts';

export function openBetterSqlite3(file: string): PeerDatabase {
  const db = new Database(file);
  for (const pragma of sqlitePragmas) db.pragma(pragma);
  for (const statement of sqliteSchema) db.exec(statement);
  const addItem = db.prepare('insert into items (sku, price, stock) values (?, ?, ?)');
  for (const { sku, price, stock } of newItems) addItem.run(sku, price, stock);

  const items = db.prepare<[], PeerItem>('select sku, price, stock, held from items order by id');
  const known = db
    .prepare<[string, string], number>('select id from orders where customer = ? and idempotency_key = ?')
    .pluck();
  const take = db
    .prepare<[number, string, number], number>(
      'update items set held = held + ? where sku = ? and held + ? <= stock returning id',
    )
    .pluck();
  const order = db
    .prepare<[number, number, string, string, number], number>(
      "insert into orders (item_id, quantity, customer, idempotency_key, status, created_at) values (?, ?, ?, ?, 'held', ?) returning id",
    )
    .pluck();
  const event = db.prepare(
    "insert into events (at, kind, item_id, order_id, quantity) values (?, 'held', ?, ?, ?)",
  );
  const purchase = db.transaction(
    (sku: string, quantity: number, customer: string, key: string): PeerOutcome => {
      const before = known.get(customer, key);
      if (before !== undefined) return { kind: 'replayed', orderId: before };
      const itemId = take.get(quantity, sku, quantity);
      if (itemId === undefined) return { kind: 'sold_out' };
      const now = Date.now();
      const orderId = order.get(itemId, quantity, customer, key, now) ?? 0;
      event.run(now, itemId, orderId, quantity);
      return { kind: 'held', orderId };
    },
  );
  const counts = db.prepare<[], { orders: number; events: number; held: number }>(
    'select (select count(*) from orders) orders, (select count(*) from events) events, (select sum(held) from items) held',
  );
  return {
    items: async () => items.all(),
    purchase: async ({ sku, quantity, customer, key }) => purchase.immediate(sku, quantity, customer, key),
    counts: async () => counts.get() ?? { orders: 0, events: 0, held: 0 },
    close: async () => {
      db.close();
    },
  };
}
