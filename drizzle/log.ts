/** The tables of the event log: events, the chain that proves them, subscribers' positions. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** The last event that was delivered to each subscriber. */
export const subscribers = sqliteTable('subscribers', {
  name: text('name').primaryKey(),
  lastSeq: integer('last_seq').notNull(),
});

/**
 * Deliveries that their own recipient refuses for now: they wait here, so that the subscriber reads
 * on. No personal data.
 */
export const deferredDeliveries = sqliteTable(
  'deferred_deliveries',
  {
    subscriber: text('subscriber').notNull(),
    seq: integer('seq').notNull(),
    /** The event's order: deleting its customer's personal data deletes the row. */
    orderId: integer('order_id'),
    /** When it first failed. */
    since: integer('since').notNull(),
    attempts: integer('attempts').notNull(),
    nextAttemptAt: integer('next_attempt_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.subscriber, table.seq] }),
    index('deferred_deliveries_due').on(table.subscriber, table.nextAttemptAt),
  ],
);

/** The e-mails of the last hour, by recipient: they bound how many each recipient gets. */
export const recentMails = sqliteTable(
  'recent_mails',
  {
    id: integer('id').primaryKey(),
    /** Keyed hash of the address, as in orders. */
    recipient: text('recipient').notNull(),
    allowance: text('allowance').notNull(),
    /** The e-mail's event: a retry of the e-mail does not count again. Null for lost links. */
    seq: integer('seq'),
    at: integer('at').notNull(),
  },
  (table) => [
    index('recent_mails_recipient').on(table.recipient, table.allowance),
    index('recent_mails_at').on(table.at),
  ],
);

/** Requests for lost links, of known and unknown addresses, until each is sent or too late. */
export const linkRequests = sqliteTable('link_requests', {
  id: integer('id').primaryKey(),
  /** Keyed hash of the address, as in orders. */
  recipient: text('recipient').notNull(),
  at: integer('at').notNull(),
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
  /** What else a reader needs, as JSON: the reason of a release, the fields of an edit. */
  detail: text('detail'),
});

/** One link per commit: the hash over its events and the previous link. Append-only like events. */
export const links = sqliteTable('links', {
  lastSeq: integer('last_seq').primaryKey(),
  hash: text('hash').notNull(),
});
