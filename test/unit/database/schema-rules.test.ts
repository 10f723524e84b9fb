/** The last line of defence: the database itself rejects invalid rows, whatever writes them. */
import { describe, expect, test } from 'vitest';
import { createDrop, noon, placeHold, recordPayment } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

type Row = Record<string, number | string | null>;

/** A valid row of each table, in addition to those of `storeWithRows`. */
const soundRows: Record<string, Row> = {
  drops: {
    slug: 'other',
    title: 'Other',
    description: '',
    currency: 'EUR',
    starts_at: noon,
    hold_seconds: 60,
    published: 1,
    paused: 0,
    created_at: noon,
  },
  items: { drop_id: 1, sku: 'two', name: 'Two', price: 100, stock: 1 },
  orders: {
    drop_id: 1,
    items: '[[1,1,100]]',
    units: 1,
    total: 100,
    status: 'held',
    customer: 'ann',
    fingerprint: 'f',
    created_at: noon,
    hold_expires_at: noon + 1,
  },
  payments: {
    order_id: 1,
    provider: 'sandbox',
    event_id: 'other',
    reference: 'r',
    status: 'paid',
    amount: 1250,
    currency: 'EUR',
    created_at: noon,
  },
  refunds: {
    payment_id: 1,
    status: 'pending',
    reason: 'operator',
    amount: 1,
    currency: 'EUR',
    next_attempt_at: 0,
    created_at: 0,
  },
  disputes: {
    payment_id: 1,
    provider: 'sandbox',
    reference: 'other',
    status: 'open',
    reason: 'fraudulent',
    amount: 1,
    currency: 'EUR',
    opened_at: 0,
  },
  early_movements: {
    provider: 'sandbox',
    payment_reference: 'r',
    report: '{}',
    created_at: 0,
  },
};

const refusals: readonly [table: string, change: Row, rule: RegExp][] = [
  ['drops', { currency: 'EURO' }, /drops_currency/],
  ['drops', { per_customer: 0 }, /drops_per_customer/],
  ['drops', { ends_at: noon }, /drops_times/],
  ['drops', { hold_seconds: 0 }, /drops_hold_seconds/],
  ['drops', { published: 2 }, /drops_flags/],
  ['drops', { paused: -1 }, /drops_flags/],
  ['drops', { slug: 'drop' }, /UNIQUE .*drops\.slug/],
  ['drops', { slug: null }, /NOT NULL/],
  ['drops', { starts_at: 'noon' }, /cannot store TEXT/],
  ['items', { drop_id: 2 }, /FOREIGN KEY/],
  ['items', { price: -1 }, /items_price/],
  ['items', { price: 1.5 }, /cannot store REAL/],
  ['items', { stock: -1 }, /items_counts|items_never_oversold/],
  ['items', { held: -1 }, /items_counts/],
  ['items', { sold: -1 }, /items_counts/],
  ['items', { held: 2 }, /items_never_oversold/],
  ['items', { sold: 2 }, /items_never_oversold/],
  ['items', { held: 1, sold: 1 }, /items_never_oversold/],
  ['items', { sku: 'one' }, /UNIQUE .*items\.sku/],
  ['orders', { drop_id: 2 }, /FOREIGN KEY/],
  ['orders', { units: 0 }, /orders_units/],
  ['orders', { total: -1 }, /orders_total/],
  ['orders', { status: 'sold' }, /orders_status/],
  ['orders', { release_reason: 'why not' }, /orders_release_reason/],
  ['orders', { hold_expires_at: noon }, /orders_hold_expires_at/],
  [
    'orders',
    { customer: 'eve', idempotency_key: 'key' },
    /UNIQUE .*orders\.customer, orders\.idempotency_key/,
  ],
  ['payments', { order_id: 9 }, /FOREIGN KEY/],
  ['payments', { status: 'maybe' }, /payments_status/],
  ['payments', { amount: -1 }, /payments_amount/],
  ['payments', { reference: 'payment of event of 1' }, /UNIQUE .*payments\.provider, payments\.reference/],
  ['payments', { event_id: 'event of 1' }, /UNIQUE .*payments\.provider, payments\.event_id/],
  ['refunds', { payment_id: 9 }, /FOREIGN KEY/],
  ['refunds', { status: 'lost' }, /refunds_status/],
  ['refunds', { amount: -1 }, /refunds_amount/],
  ['refunds', { attempts: -1 }, /refunds_attempts/],
  ['refunds', { key_number: -1 }, /refunds_key_number/],
  ['refunds', { reference: 're_1' }, /UNIQUE .*refunds\.payment_id, refunds\.reference/],
  ['orders', { dispute: 'maybe' }, /orders_dispute/],
  ['disputes', { payment_id: 9 }, /FOREIGN KEY/],
  ['disputes', { status: 'warning' }, /disputes_status/],
  ['disputes', { amount: -1 }, /disputes_amount/],
  ['disputes', { status: 'lost' }, /disputes_closed/],
  ['disputes', { closed_at: 1 }, /disputes_closed/],
  ['disputes', { reference: 'dp_1' }, /UNIQUE .*disputes\.provider, disputes\.reference/],
  ['early_movements', { report: '[]' }, /UNIQUE .*early_movements\.report/],
];

/** One drop with one item, one order with a key, and its payment. */
function storeWithRows(): ScratchStore {
  const store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('eve', { idempotencyKey: 'key' }), noon);
  store.run(recordPayment(1), noon);
  insert(store, 'refunds', { ...soundRows.refunds, reference: 're_1' });
  insert(store, 'disputes', { ...soundRows.disputes, reference: 'dp_1' });
  insert(store, 'early_movements', { ...soundRows.early_movements, report: '[]' });
  return store;
}

function insert(store: ScratchStore, table: string, row: Row): void {
  const columns = Object.keys(row);
  store.writer
    .prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
    .run(...Object.values(row));
}

describe('a row', () => {
  test.each(Object.entries(soundRows))('of %s that is valid is inserted', (table, row) => {
    using store = storeWithRows();
    insert(store, table, row);
  });

  test.each(refusals)('of %s with %j is refused', (table, change, rule) => {
    using store = storeWithRows();
    expect(() => insert(store, table, { ...soundRows[table], ...change })).toThrow(rule);
  });

  test('is also refused as an update', () => {
    using store = storeWithRows();
    const change = (sql: string) => () => store.writer.exec(sql);
    expect(change('update items set held = stock + 1')).toThrow(/items_never_oversold/);
    expect(change('update items set stock = 0')).toThrow(/items_never_oversold/);
    expect(change("update orders set status = 'gone'")).toThrow(/orders_status/);
  });

  test.each(['drops', 'orders', 'payments'])(
    'of %s cannot be deleted while another row refers to it',
    (table) => {
      using store = storeWithRows();
      store.run(recordPayment(1, { eventId: 'again' }), noon);
      expect(() => store.writer.exec(`delete from ${table}`)).toThrow(/FOREIGN KEY/);
    },
  );
});

describe('the log is append-only', () => {
  test.each([
    'update events set amount = 1',
    'update events set detail = null where seq = 1',
    'delete from events',
    'delete from events where seq = 1',
    "update links set hash = 'x'",
    'delete from links',
    "insert or replace into events (seq, at, kind, actor) values (1, 0, 'x', 'x')",
    "insert into events (seq, at, kind, actor) values (1, 0, 'x', 'x') on conflict do update set amount = 1",
    "insert or replace into links values (1, 'x')",
  ])('refuses to %s', (sql) => {
    using store = storeWithRows();
    const before = store.rows('select * from events');
    expect(() => store.writer.exec(sql)).toThrow(/append-only/);
    expect(store.rows('select * from events')).toEqual(before);
  });
});
