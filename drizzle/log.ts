/** The tables of the event log: what happened, the chain that proves it, and how far each subscriber has read. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Up to which event each subscriber was told. */
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
