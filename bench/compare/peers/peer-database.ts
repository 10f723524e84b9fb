/**
 * The interface of a peer: the same purchase, durable and once per key, and the list for buyers.
 */

export interface PeerItem {
  sku: string;
  price: number;
  stock: number;
  held: number;
}

export interface PeerPurchase {
  sku: string;
  quantity: number;
  customer: string;
  key: string;
}

export type PeerOutcome = { kind: 'held' | 'replayed'; orderId: number } | { kind: 'sold_out' };

export interface PeerDatabase {
  items(): Promise<PeerItem[]>;
  /**
   * Runs one transaction: replay by key, guarded stock, order, event. Resolves once it is durable.
   */
  purchase(purchase: PeerPurchase): Promise<PeerOutcome>;
  counts(): Promise<{ orders: number; events: number; held: number }>;
  close(): Promise<void>;
}

/**
 * The schema for SQLite. `id` increases, and the only random index is on the keys, as in our
 * schema.
 */
export const sqliteSchema = [
  'create table items (id integer primary key, sku text not null unique, price integer not null, stock integer not null, held integer not null default 0, check (held <= stock)) strict',
  'create table orders (id integer primary key, item_id integer not null references items, quantity integer not null, customer text not null, idempotency_key text not null, status text not null, created_at integer not null, unique (customer, idempotency_key)) strict',
  'create table events (seq integer primary key, at integer not null, kind text not null, item_id integer not null, order_id integer not null, quantity integer not null) strict',
] as const;

export const sqlitePragmas = [
  'busy_timeout = 5000',
  'journal_mode = wal',
  'synchronous = full',
  'foreign_keys = on',
] as const;

export const newItems: readonly PeerItem[] = ['S', 'M', 'L'].map((sku) => ({
  sku,
  price: 9_900,
  stock: 10_000_000,
  held: 0,
}));
