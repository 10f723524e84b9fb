/** The tables of the plain application. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const items = sqliteTable('items', {
  id: integer().primaryKey(),
  sku: text().notNull().unique(),
  stock: integer().notNull(),
});

export const orders = sqliteTable('orders', {
  id: integer().primaryKey(),
  itemId: integer().notNull(),
  quantity: integer().notNull(),
  email: text().notNull(),
  placedAt: integer({ mode: 'timestamp_ms' }).notNull(),
});
