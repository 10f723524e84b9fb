/** The tables of drops, orders and money. Columns are named only in this folder. */
import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { orderItems } from './order-items.ts';

// Internal keys are growing integers, because a random key costs four times the writes of a growing
// one. Public names (order ids, tokens) are derived from them with a secret and need no index
// (src/ids/ids.ts). Times are epoch milliseconds. Money is integer minor units.

const orderStatuses = ['held', 'paid', 'fulfilled', 'released', 'refunding', 'refunded'] as const;
const releaseReasons = ['expired', 'cancelled', 'unpayable', 'erased'] as const;
const paymentStatuses = ['paid', 'declined'] as const;
const refundStatuses = ['pending', 'sent', 'failed', 'settled'] as const;
const disputeStatuses = ['open', 'won', 'lost'] as const;
const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`"${column}" in (${values.map((value) => `'${value}'`).join(', ')})`);

export const drops = sqliteTable(
  'drops',
  {
    id: integer('id').primaryKey(),
    slug: text('slug').notNull().unique(),
    title: text('title').notNull(),
    description: text('description').notNull(),
    imageUrl: text('image_url'),
    currency: text('currency').notNull(),
    /** Units that one customer may hold or own in this drop; null for no limit. */
    perCustomer: integer('per_customer'),
    startsAt: integer('starts_at').notNull(),
    endsAt: integer('ends_at'),
    holdSeconds: integer('hold_seconds').notNull(),
    published: integer('published', { mode: 'boolean' }).notNull(),
    paused: integer('paused', { mode: 'boolean' }).notNull(),
    movedAt: integer('moved_at'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    index('drops_ends').on(table.endsAt),
    check('drops_currency', sql.raw('length("currency") = 3')),
    check('drops_per_customer', sql.raw('"per_customer" is null or "per_customer" > 0')),
    check('drops_times', sql.raw('"ends_at" is null or "ends_at" > "starts_at"')),
    check('drops_hold_seconds', sql.raw('"hold_seconds" > 0')),
    check('drops_flags', sql.raw('"published" in (0, 1) and "paused" in (0, 1)')),
  ],
);

export const items = sqliteTable(
  'items',
  {
    id: integer('id').primaryKey(),
    dropId: integer('drop_id')
      .notNull()
      .references(() => drops.id),
    sku: text('sku').notNull(),
    name: text('name').notNull(),
    price: integer('price').notNull(),
    stock: integer('stock').notNull(),
    held: integer('held').notNull().default(0),
    sold: integer('sold').notNull().default(0),
  },
  (table) => [
    uniqueIndex('items_drop_sku').on(table.dropId, table.sku),
    check('items_price', sql.raw('"price" >= 0')),
    check('items_counts', sql.raw('"stock" >= 0 and "held" >= 0 and "sold" >= 0')),
    check('items_never_oversold', sql.raw('"held" + "sold" <= "stock"')),
  ],
);

export const orders = sqliteTable(
  'orders',
  {
    id: integer('id').primaryKey(),
    dropId: integer('drop_id')
      .notNull()
      .references(() => drops.id),
    items: orderItems('items').notNull(),
    /** Units of all items: what a customer's limit counts. */
    units: integer('units').notNull(),
    /** What the customer pays. */
    total: integer('total').notNull(),
    status: text('status', { enum: orderStatuses }).notNull(),
    releaseReason: text('release_reason', { enum: releaseReasons }),
    /** Keyed hash of the normalised e-mail: still counts units after the data is deleted. */
    customer: text('customer').notNull(),
    /** Keyed hash of the phone number, where given. */
    customerPhone: text('customer_phone'),
    /** Keyed hash of the Idempotency-Key, or an earlier version's plain key (stored-key.ts). */
    idempotencyKey: text('idempotency_key'),
    /** Keyed hash of the request body that the idempotency key belongs to. */
    fingerprint: text('fingerprint').notNull(),
    email: text('email'),
    name: text('name'),
    phone: text('phone'),
    address: text('address'),
    createdAt: integer('created_at').notNull(),
    holdExpiresAt: integer('hold_expires_at').notNull(),
    /** The carrier's number of the parcel, once it is on its way. */
    trackingCode: text('tracking_code'),
    /** The most serious state of its payments' disputes: open, then lost, then won; or null. */
    dispute: text('dispute', { enum: disputeStatuses }),
  },
  (table) => [
    // The one random index: it makes a retry safe, and its prefix counts what a customer has.
    uniqueIndex('orders_customer_key').on(table.customer, table.idempotencyKey),
    // Only rows with a phone number cost an entry.
    index('orders_customer_phone').on(table.customerPhone).where(sql.raw('"customer_phone" is not null')),
    // Grows at its end and shrinks at its start: the sweep reads due holds from it.
    index('orders_due').on(table.holdExpiresAt).where(sql.raw(`"status" = 'held'`)),
    index('orders_drop').on(table.dropId, table.id),
    check('orders_units', sql.raw('"units" > 0')),
    check('orders_total', sql.raw('"total" >= 0')),
    check('orders_status', oneOf('status', orderStatuses)),
    check('orders_release_reason', oneOf('release_reason', releaseReasons)),
    check('orders_dispute', oneOf('dispute', disputeStatuses)),
    check('orders_hold_expires_at', sql.raw('"hold_expires_at" > "created_at"')),
  ],
);

export const payments = sqliteTable(
  'payments',
  {
    id: integer('id').primaryKey(),
    /** Null for money of an unknown order. */
    orderId: integer('order_id').references(() => orders.id),
    provider: text('provider').notNull(),
    /** The provider's own id of the event: the same event never counts twice. */
    eventId: text('event_id').notNull(),
    /** The provider's own id of the payment, which a refund must name. */
    reference: text('reference').notNull(),
    status: text('status', { enum: paymentStatuses }).notNull(),
    amount: integer('amount').notNull(),
    currency: text('currency').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('payments_event').on(table.provider, table.eventId),
    // Two events may report one payment: its money counts once.
    uniqueIndex('payments_reference').on(table.provider, table.reference).where(sql.raw(`"status" = 'paid'`)),
    index('payments_order').on(table.orderId),
    check('payments_status', oneOf('status', paymentStatuses)),
    check('payments_amount', sql.raw('"amount" >= 0')),
  ],
);

export const refunds = sqliteTable(
  'refunds',
  {
    id: integer('id').primaryKey(),
    /** One payment can have several refunds: ours, and those made in the provider's dashboard. */
    paymentId: integer('payment_id')
      .notNull()
      .references(() => payments.id),
    /** The provider's own id of the refund; null until it is known, and after a failure. */
    reference: text('reference'),
    /** The provider's ids of refunds that failed after acceptance: late reports are ignored. */
    failedReferences: text('failed_references', { mode: 'json' }).$type<string[]>().notNull().default([]),
    status: text('status', { enum: refundStatuses }).notNull(),
    reason: text('reason').notNull(),
    amount: integer('amount').notNull(),
    currency: text('currency').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** The number of attempts before the present series, which an operator's retry begins. */
    seriesStart: integer('series_start').notNull().default(0),
    nextAttemptAt: integer('next_attempt_at').notNull(),
    createdAt: integer('created_at').notNull(),
    sentAt: integer('sent_at'),
    /** Why the last attempt failed: a word of the provider's or ours, never personal data. */
    lastError: text('last_error'),
    /** Number of the next attempt's idempotency key: new after an answer without effect. */
    keyNumber: integer('key_number').notNull().default(0),
    /** Shard id in the idempotency key, if the refund moved here with its drop; else null. */
    keyShardId: integer('key_shard_id'),
    /** How an operator settled it by hand; deleted with the customer's personal data. */
    note: text('note'),
  },
  (table) => [
    index('refunds_payment').on(table.paymentId),
    // The same refund, reported twice, is one row.
    uniqueIndex('refunds_reference')
      .on(table.paymentId, table.reference)
      .where(sql.raw('"reference" is not null')),
    index('refunds_due').on(table.nextAttemptAt).where(sql.raw(`"status" = 'pending'`)),
    check('refunds_status', oneOf('status', refundStatuses)),
    check('refunds_amount', sql.raw('"amount" >= 0')),
    check('refunds_attempts', sql.raw('"attempts" >= 0')),
    check('refunds_key_number', sql.raw('"key_number" >= 0')),
  ],
);

/** A payer's claim through their bank that a payment must be returned. */
export const disputes = sqliteTable(
  'disputes',
  {
    id: integer('id').primaryKey(),
    paymentId: integer('payment_id')
      .notNull()
      .references(() => payments.id),
    provider: text('provider').notNull(),
    /** The provider's own id of the dispute. */
    reference: text('reference').notNull(),
    status: text('status', { enum: disputeStatuses }).notNull(),
    /** The provider's word for the reason, never personal data. */
    reason: text('reason').notNull(),
    amount: integer('amount').notNull(),
    currency: text('currency').notNull(),
    openedAt: integer('opened_at').notNull(),
    closedAt: integer('closed_at'),
  },
  (table) => [
    uniqueIndex('disputes_reference').on(table.provider, table.reference),
    index('disputes_payment').on(table.paymentId),
    // An alert counts the open ones.
    index('disputes_open').on(table.id).where(sql.raw(`"status" = 'open'`)),
    check('disputes_status', oneOf('status', disputeStatuses)),
    check('disputes_amount', sql.raw('"amount" >= 0')),
    check('disputes_closed', sql.raw(`("status" = 'open') = ("closed_at" is null)`)),
  ],
);

/** A dispute or refund that a provider reported before its payment; applied once that arrives. */
export const earlyMovements = sqliteTable(
  'early_movements',
  {
    id: integer('id').primaryKey(),
    provider: text('provider').notNull(),
    /** The provider's own id of the payment. */
    paymentReference: text('payment_reference').notNull(),
    /** The movement as JSON, with its keys in a fixed order: the same report is stored once. */
    report: text('report').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [uniqueIndex('early_movements_report').on(table.provider, table.paymentReference, table.report)],
);

/** A provider's payment page for an order: what reconciliation asks about. */
export const checkouts = sqliteTable(
  'checkouts',
  {
    id: integer('id').primaryKey(),
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id),
    provider: text('provider').notNull(),
    /** The provider's own id of the checkout. */
    reference: text('reference').notNull(),
    url: text('url').notNull(),
    expiresAt: integer('expires_at').notNull(),
    createdAt: integer('created_at').notNull(),
    /** When the provider reported that no payment can come of it any more. */
    closedAt: integer('closed_at'),
  },
  (table) => [
    uniqueIndex('checkouts_reference').on(table.provider, table.reference),
    index('checkouts_order').on(table.orderId),
    index('checkouts_open').on(table.id).where(sql.raw('"closed_at" is null')),
  ],
);
