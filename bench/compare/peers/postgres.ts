/** PostgreSQL through node-postgres: each purchase is one statement in its own transaction. */
import { Pool } from 'pg';
import { newItems, type PeerDatabase, type PeerItem, type PeerOutcome } from './peer-database.ts';

const connections = 20;
const schema = `
  create table items (id bigint generated always as identity primary key, sku text not null unique, price bigint not null,
    stock bigint not null, held bigint not null default 0, check (held <= stock));
  create table orders (id bigint generated always as identity primary key, item_id bigint not null references items,
    quantity bigint not null, customer text not null, idempotency_key text not null, status text not null,
    created_at bigint not null, unique (customer, idempotency_key));
  create table events (seq bigint generated always as identity primary key, at bigint not null, kind text not null,
    item_id bigint not null, order_id bigint not null, quantity bigint not null);`;
// One round trip. If the key exists already, the unique index fails the whole statement.
const purchase = `
  with known as (select id from orders where customer = $3 and idempotency_key = $4),
  taken as (update items set held = held + $2 where sku = $1 and held + $2 <= stock and not exists (select 1 from known) returning id),
  placed as (insert into orders (item_id, quantity, customer, idempotency_key, status, created_at)
    select id, $2, $3, $4, 'held', $5 from taken returning id, item_id),
  logged as (insert into events (at, kind, item_id, order_id, quantity) select $5, 'held', item_id, id, $2 from placed)
  select (select id from known) as known, (select id from placed) as placed`;
const uniqueViolation = '23505';

/**
 * Opens the database. `socketFolder` contains the Unix socket. Throws if the server is not durable.
 */
export async function openPostgres(socketFolder: string): Promise<PeerDatabase> {
  const pool = new Pool({ host: socketFolder, user: 'bench', database: 'postgres', max: connections });
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await pool.query<Record<string, string>>(`show ${setting}`);
    if (rows[0]?.[setting] !== 'on') throw new Error(`PostgreSQL runs without ${setting}.`);
  }
  await pool.query(schema);
  for (const { sku, price, stock } of newItems) {
    await pool.query('insert into items (sku, price, stock) values ($1, $2, $3)', [sku, price, stock]);
  }
  return {
    async items() {
      const { rows } = await pool.query<Record<keyof PeerItem, string>>({
        name: 'items',
        text: 'select sku, price, stock, held from items order by id',
      });
      return rows.map(({ sku, price, stock, held }) => ({
        sku,
        price: Number(price),
        stock: Number(stock),
        held: Number(held),
      }));
    },
    async purchase({ sku, quantity, customer, key }): Promise<PeerOutcome> {
      const values = [sku, quantity, customer, key, Date.now()];
      const asked = { name: 'purchase', text: purchase, values };
      const once = () => pool.query<{ known: string | null; placed: string | null }>(asked);
      const { rows } = await once().catch((error: unknown) => {
        // Concurrent purchases with one key: the second attempt finds the first one's order.
        if (error instanceof Error && 'code' in error && error.code === uniqueViolation) return once();
        throw error;
      });
      const [row] = rows;
      if (row?.known) return { kind: 'replayed', orderId: Number(row.known) };
      return row?.placed ? { kind: 'held', orderId: Number(row.placed) } : { kind: 'sold_out' };
    },
    async counts() {
      const { rows } = await pool.query<{ orders: string; events: string; held: string }>(
        'select (select count(*) from orders) orders, (select count(*) from events) events, (select sum(held) from items) held',
      );
      const [row] = rows;
      return { orders: Number(row?.orders), events: Number(row?.events), held: Number(row?.held) };
    },
    close: () => pool.end(),
  };
}
