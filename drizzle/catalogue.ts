/** Tables that only the catalogue at the edge fills, not its objects and not the one machine. */
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** The objects that have orders of a customer. */
export const customerShards = sqliteTable(
  'customer_shards',
  {
    /** Keyed hash of the normalised e-mail, as in orders. */
    customer: text('customer').notNull(),
    shardId: integer('shard_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.customer, table.shardId] })],
);

/** Objects that the deletion of a customer's personal data has not reached yet. */
export const deletionShards = sqliteTable(
  'deletion_shards',
  {
    customer: text('customer').notNull(),
    shardId: integer('shard_id').notNull(),
    /** When the last request for this deletion ended. */
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.customer, table.shardId] })],
);
