/** Every hot statement finds its rows through an index, according to SQLite's plans. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { describe, expect, test } from 'vitest';
import * as schema from '../../../drizzle/schema.ts';
import { prepareStatements, type Statements } from '../../../src/commands/statements.ts';
import { orderReads } from '../../../src/database/order-reads.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

interface Hot {
  getQuery(): { sql: string; params: unknown[] };
}

const byKey = (table: string) => `SEARCH ${table} USING INTEGER PRIMARY KEY`;
const byIndex = (table: string, index: string) => `SEARCH ${table} USING INDEX ${index} `;
/** The last key, one look at the end of the table. */
const newKeyOf = (table: string): string[] => ['SCALAR SUBQUERY', `SEARCH ${table}$`];
const byCovering = (table: string, index: string) => `SEARCH ${table} USING COVERING INDEX ${index} `;
const ofCustomer = byIndex('orders', 'orders_customer_key');

const ofKey = byIndex(
  'orders',
  String.raw`orders_customer_key \(customer=\? AND idempotency_key=\?\)$`,
).trim();

/** The patterns of each statement's plan; an empty list for those that read nothing. */
const plans: Record<keyof Statements, readonly string[]> = {
  itemOnSale: [byKey('items')],
  dropOnSale: [byKey('drops')],
  // A seek for each form of the key, however many orders the customer has.
  orderByKey: ['MULTI-INDEX OR', 'INDEX 1', ofKey, 'INDEX 2', ofKey],
  historyOfCustomer: [ofCustomer],
  unitsOfPhone: [byIndex('orders', 'orders_customer_phone')],
  holdUnits: [byKey('items')],
  sellFreeUnits: [byKey('items')],
  sellHeldUnits: [byKey('items')],
  freeHeldUnits: [byKey('items')],
  // The insert of a row with children searches for them as well.
  insertOrder: [
    ...newKeyOf('orders'),
    byCovering('checkouts', 'checkouts_order'),
    byCovering('payments', 'payments_order'),
  ],
  movedDrop: [byKey('drops')],
  orderById: [byKey('orders')],
  dueOrders: [byIndex('orders', 'orders_due')],
  dueOrderOfItem: [byIndex('orders', 'orders_due')],
  dueOrdersOfItem: [byIndex('orders', 'orders_due')],
  releaseOrder: [byKey('orders')],
  setOrderStatus: [byKey('orders')],
  paymentByEvent: [byCovering('payments', 'payments_event')],
  paidByReference: [byCovering('payments', 'payments_reference')],
  declinedByReference: [byIndex('payments', 'payments_order')],
  insertPayment: [byCovering('refunds', 'refunds_payment'), byCovering('disputes', 'disputes_payment')],
  insertRefund: newKeyOf('refunds'),
  availableOfDrop: [byIndex('items', 'items_drop_sku')],
  returnUnits: [byKey('items')],
  setTrackingCode: [byKey('orders')],
  keptPaymentOfOrder: [
    byIndex('payments', 'payments_order'),
    'CORRELATED SCALAR SUBQUERY',
    byIndex('refunds', 'refunds_payment'),
    'CORRELATED SCALAR SUBQUERY',
    byIndex('refunds', 'refunds_payment'),
    'CORRELATED SCALAR SUBQUERY',
    byIndex('disputes', 'disputes_payment'),
  ],
  disputeByReference: [byIndex('disputes', 'disputes_reference')],
  insertDispute: [],
  setDispute: [byKey('disputes')],
  disputesOfOrder: [
    byCovering('payments', 'payments_order'),
    'CORRELATED SCALAR SUBQUERY',
    byIndex('refunds', 'refunds_payment'),
    byIndex('disputes', 'disputes_payment'),
  ],
  setOrderDispute: [byKey('orders')],
  refundsOfPayment: [byIndex('refunds', 'refunds_payment')],
  leftOfPayment: [
    byKey('payments'),
    'CORRELATED SCALAR SUBQUERY',
    byIndex('refunds', 'refunds_payment'),
    'CORRELATED SCALAR SUBQUERY',
    byIndex('disputes', 'disputes_payment'),
    'CORRELATED SCALAR SUBQUERY',
    byIndex('refunds', 'refunds_payment'),
  ],
  rememberFailed: [byKey('refunds')],
  reduceRefund: [byKey('refunds')],
  coverRefund: [byKey('refunds')],
  setRefundReference: [byKey('refunds')],
  insertOutsideRefund: newKeyOf('refunds'),
  failSentRefund: [byKey('refunds')],
  settleRefund: [byKey('refunds')],
  otherOwedOfOrder: [byCovering('payments', 'payments_order'), byIndex('refunds', 'refunds_payment')],
  keepEarlyMovement: [],
  earlyMovementsOf: [byCovering('early_movements', 'early_movements_report')],
  deleteEarlyMovement: [byKey('early_movements')],
  paymentById: [byKey('payments')],
  beginRefund: [byKey('refunds')],
  sendRefund: [byKey('refunds'), 'CORRELATED SCALAR SUBQUERY', 'SCAN json_each'],
  noteRefundError: [byKey('refunds')],
  failRefund: [byKey('refunds')],
  retryRefund: [byKey('refunds')],
  refundById: [byKey('refunds')],
  insertCheckout: [],
  closeCheckout: [byKey('checkouts')],
  closeCheckoutByReference: [byIndex('checkouts', 'checkouts_reference')],
  openCheckoutsOf: [byIndex('checkouts', 'checkouts_order')],
  advanceSubscriber: [],
  subscriber: [byIndex('subscribers', 'sqlite_autoindex_subscribers_1')],
  // One row from the end of the key: a scan that stops where it starts.
  lastLink: ['SCAN links'],
  insertEvent: [],
  deferredCount: [byCovering('deferred_deliveries', 'deferred_deliveries_due')],
  oldestDeferred: [byIndex('deferred_deliveries', 'sqlite_autoindex_deferred_deliveries_1')],
  insertDeferred: [],
  beginDeferred: [byIndex('deferred_deliveries', 'sqlite_autoindex_deferred_deliveries_1')],
  endDeferred: [byIndex('deferred_deliveries', 'sqlite_autoindex_deferred_deliveries_1')],
  deleteOldMails: [
    'MULTI-INDEX OR',
    'INDEX 1',
    byCovering('recent_mails', 'recent_mails_at'),
    'INDEX 2',
    byCovering('recent_mails', 'recent_mails_at'),
  ],
  recentMails: [byIndex('recent_mails', 'recent_mails_recipient')],
  insertMail: [],
  linkRequestCount: ['SCAN link_requests'],
  insertLinkRequest: [],
  endLinkRequest: [byKey('link_requests')],
  deleteOldOperatorKeys: [byIndex('operator_keys', 'operator_keys_at')],
  operatorKey: [byIndex('operator_keys', 'sqlite_autoindex_operator_keys_1')],
  insertOperatorKey: [],
  insertLink: [],
};

/** The lines of a plan that say how a table is read. */
function planOf(store: ScratchStore, { sql, params }: ReturnType<Hot['getQuery']>): string[] {
  const rows = store.reader
    .prepare<unknown[], { detail: string }>(`explain query plan ${sql}`)
    .all(...params.map(() => null));
  return rows.map(({ detail }) => detail);
}

/** A store with the statistics of a sell-out: a few drops, and a crowd of orders for one. */
function storeAfterAnalyze(): ScratchStore {
  const store = new ScratchStore();
  store.writer.exec(`
    with recursive series(n) as (select 1 union all select n + 1 from series limit 20)
      insert into drops select n, 'drop-' || n, 'A drop', '', null, 'EUR', 1, 1, null, 600, 1, 0, 1, null from series;
    insert into items select id, id, 'one', 'One', 100, 5000, 0, 0 from drops;
    with recursive series(n) as (select 1 union all select n + 1 from series limit 3000)
      insert into orders (drop_id, items, units, total, status, customer, customer_phone, fingerprint,
        created_at, hold_expires_at)
      select 1, '[[1,1,100]]', 1, 100, iif(n % 3, 'paid', 'held'), 'c' || n, iif(n % 2, 'p' || n, null), 'f', 1, 2 + n from series;
    insert into payments (order_id, provider, event_id, reference, status, amount, currency, created_at)
      select id, 'sandbox', 'e' || id, 'r' || id, 'paid', 100, 'EUR', 1 from orders where status = 'paid';
    analyze;`);
  store.reopen();
  return store;
}

describe.each([
  ['a new file', () => new ScratchStore()],
  ['a file with statistics of many orders', storeAfterAnalyze],
])('in %s', (_, open) => {
  test('every hot statement uses its index', () => {
    using store = open();
    const statements: Record<keyof Statements, Hot> = prepareStatements(drizzle(store.reader, { schema }));
    for (const [name, expected] of Object.entries(plans)) {
      const plan = planOf(store, statements[name as keyof Statements].getQuery());
      expect(plan.length, `${name}: ${plan}`).toBe(expected.length);
      for (const [index, step] of expected.entries())
        expect(plan[index], name).toMatch(new RegExp(`^${step}`));
    }
  });

  test('the sweep reads only the first due hold', () => {
    using store = open();
    const sql = `select hold_expires_at from orders where status = 'held' order by hold_expires_at limit 1`;
    expect(planOf(store, { sql, params: [] })).toEqual(['SCAN orders USING COVERING INDEX orders_due']);
  });

  test('the next due hold of one drop is found by reading holds, not orders', () => {
    using store = open();
    const asked: ReturnType<Hot['getQuery']>[] = [];
    const logger = { logQuery: (sql: string, params: unknown[]) => void asked.push({ sql, params }) };
    orderReads(drizzle(store.reader, { schema, logger })).nextHoldExpiresAt(1);
    expect(asked.map((query) => planOf(store, query))).toEqual([['SCAN orders USING INDEX orders_due']]);
  });
});
