/** The tables of a small application other than a shop, for the library's tests. */
import { sql } from 'drizzle-orm';
import { blob, check, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const items = sqliteTable(
  'items',
  {
    id: integer().primaryKey(),
    name: text().notNull().unique(),
    stock: integer().notNull().default(0),
    addedAt: integer({ mode: 'timestamp_ms' }),
    picture: blob({ mode: 'buffer' }),
  },
  ({ stock }) => [check('items_stock', sql`${stock} >= 0`)],
);

/** The same, as a migration would create it. */
export const createItems = sql`create table items (
  id integer primary key,
  name text not null unique,
  stock integer not null default 0 constraint items_stock check (stock >= 0),
  addedAt integer,
  picture blob
) strict`;
