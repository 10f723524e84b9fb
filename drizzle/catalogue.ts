/** The tables of the catalogue at the edge that no object and no machine fills. */
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Which objects have orders of a customer. */
export const customerPlaces = sqliteTable(
  'customer_places',
  {
    /** Keyed hash of the normalised e-mail, as in orders. */
    customer: text('customer').notNull(),
    place: integer('place').notNull(),
  },
  (table) => [primaryKey({ columns: [table.customer, table.place] })],
);

/** Objects that a deletion of a customer's personal data has not reached yet. */
export const deletionPlaces = sqliteTable(
  'deletion_places',
  {
    customer: text('customer').notNull(),
    place: integer('place').notNull(),
    /** When the last request for this deletion ended. */
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.customer, table.place] })],
);
