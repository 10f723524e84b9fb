/** The one table of the examples. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const items = sqliteTable('items', {
  id: integer().primaryKey(),
  name: text().notNull().unique(),
  stock: integer().notNull(),
});

export const createTables =
  'create table if not exists items (id integer primary key, name text not null unique, stock integer not null)';
