/** Every table, CHECK and index of Stampede: the only place where a column is named. */
import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

// Keys inside are growing integers, because a random key costs four times the writes of a growing one; what the
// world sees (order ids, tokens) is derived from them with a secret and needs no index (src/ids.ts).
// Times are epoch milliseconds. Money is integer minor units.

const orderStatuses = ['held', 'paid', 'fulfilled', 'released', 'refunding', 'refunded'] as const;
const releaseReasons = ['expired', 'cancelled'] as const;
const paymentStatuses = ['paid', 'declined'] as const;
const refundStatuses = ['pending', 'sent', 'failed'] as const;

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
    /** Units one customer may hold or own in this drop; null is no limit. */
    perCustomer: integer('per_customer'),
    startsAt: integer('starts_at').notNull(),
    endsAt: integer('ends_at'),
    holdSeconds: integer('hold_seconds').notNull(),
    published: integer('published', { mode: 'boolean' }).notNull(),
    paused: integer('paused', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
  },
  () => [
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
    check('items_price', sql.raw('"price" > 0')),
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
    itemId: integer('item_id')
      .notNull()
      .references(() => items.id),
    quantity: integer('quantity').notNull(),
    /** Price of one unit when the hold was placed: a later edit of the item changes no order. */
    unitPrice: integer('unit_price').notNull(),
    status: text('status', { enum: orderStatuses }).notNull(),
    releaseReason: text('release_reason', { enum: releaseReasons }),
    /** Keyed hash of the normalised e-mail: counts a customer's units also after his data is deleted. */
    customer: text('customer').notNull(),
    /** Keyed hash of the phone number, where given. */
    customerPhone: text('customer_phone'),
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
  },
  (table) => [
    // The one random index: it makes a retry safe, and its prefix counts what a customer has.
    uniqueIndex('orders_customer_key').on(table.customer, table.idempotencyKey),
    // Only rows with a phone number pay for this one.
    index('orders_customer_phone').on(table.customerPhone).where(sql.raw('"customer_phone" is not null')),
    // Grows at its end and shrinks at its start: the sweep reads due holds from it.
    index('orders_due').on(table.holdExpiresAt).where(sql.raw(`"status" = 'held'`)),
    index('orders_drop').on(table.dropId, table.id),
    check('orders_quantity', sql.raw('"quantity" > 0')),
    check('orders_unit_price', sql.raw('"unit_price" > 0')),
    check('orders_status', oneOf('status', orderStatuses)),
    check('orders_release_reason', oneOf('release_reason', releaseReasons)),
    check('orders_hold_expires_at', sql.raw('"hold_expires_at" > "created_at"')),
  ],
);

export const payments = sqliteTable(
  'payments',
  {
    id: integer('id').primaryKey(),
    /** Null is money for an order that we do not know. */
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
    // Two events may speak of one payment: its money counts once.
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
    /** A payment is returned whole and once. */
    paymentId: integer('payment_id')
      .notNull()
      .unique()
      .references(() => payments.id),
    status: text('status', { enum: refundStatuses }).notNull(),
    reason: text('reason').notNull(),
    amount: integer('amount').notNull(),
    currency: text('currency').notNull(),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: integer('next_attempt_at').notNull(),
    createdAt: integer('created_at').notNull(),
    sentAt: integer('sent_at'),
    /** Why the last attempt did not succeed: a word of the provider's or ours, never personal data. */
    lastError: text('last_error'),
  },
  (table) => [
    index('refunds_due').on(table.nextAttemptAt).where(sql.raw(`"status" = 'pending'`)),
    check('refunds_status', oneOf('status', refundStatuses)),
    check('refunds_amount', sql.raw('"amount" >= 0')),
    check('refunds_attempts', sql.raw('"attempts" >= 0')),
  ],
);

/** A way to pay that a provider has opened for an order: what reconciliation asks about. */
export const checkouts = sqliteTable(
  'checkouts',
  {
    id: integer('id').primaryKey(),
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id),
    provider: text('provider').notNull(),
    /** The provider's own id of it. */
    reference: text('reference').notNull(),
    url: text('url').notNull(),
    expiresAt: integer('expires_at').notNull(),
    createdAt: integer('created_at').notNull(),
    /** When the provider said that nothing more can come of it. */
    closedAt: integer('closed_at'),
  },
  (table) => [
    uniqueIndex('checkouts_reference').on(table.provider, table.reference),
    index('checkouts_order').on(table.orderId),
    index('checkouts_open').on(table.id).where(sql.raw('"closed_at" is null')),
  ],
);

/** Who may operate the shop besides the holder of ADMIN_TOKEN. */
export const operators = sqliteTable('operators', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  /** SHA-256 of the token, in hex: the token itself is shown once and kept nowhere. */
  tokenHash: text('token_hash').notNull().unique(),
  /** A JSON list. */
  scopes: text('scopes', { mode: 'json' }).$type<readonly string[]>().notNull(),
  createdAt: integer('created_at').notNull(),
  revokedAt: integer('revoked_at'),
});

/** Who tells the outside what happened, and up to which event it has. */
export const followers = sqliteTable('followers', {
  name: text('name').primaryKey(),
  lastSeq: integer('last_seq').notNull(),
});

/** Append-only (triggers refuse UPDATE and DELETE) and free of personal data. */
export const events = sqliteTable('events', {
  seq: integer('seq').primaryKey(),
  at: integer('at').notNull(),
  kind: text('kind').notNull(),
  actor: text('actor').notNull(),
  dropId: integer('drop_id'),
  itemId: integer('item_id'),
  orderId: integer('order_id'),
  quantity: integer('quantity'),
  amount: integer('amount'),
  currency: text('currency'),
  /** What else a reader of the log must know, as JSON: the reason of a release, the fields of an edit. */
  detail: text('detail'),
});

/** One link per commit: the hash over the commit's events and the link before. Append-only like the events. */
export const links = sqliteTable('links', {
  lastSeq: integer('last_seq').primaryKey(),
  hash: text('hash').notNull(),
});
