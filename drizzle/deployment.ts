/** The tables that identify a deployment: its mark, and the random bits in its public names. */
import { sql } from 'drizzle-orm';
import { check, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * One row: it tells this file, or at the edge the catalogue and all objects, from other deployments
 * that share a provider's account.
 */
export const deployment = sqliteTable(
  'deployment',
  {
    id: integer('id').primaryKey(),
    /** 128 random bits in hex, made once; no secret: the provider stores them with checkouts. */
    mark: text('mark').notNull(),
  },
  () => [
    check('deployment_single', sql.raw('"id" = 1')),
    check('deployment_mark', sql.raw(`length("mark") = 32 and "mark" not glob '*[^0-9a-f]*'`)),
  ],
);

/**
 * One row for each start that issued a name. The name of an order, a refund or an event carries the
 * bits of the start that issued it, so names of lost rows never return.
 */
export const generations = sqliteTable(
  'generations',
  {
    /** The lowest key of an order or a refund that this start could issue. */
    firstKey: integer('first_key').primaryKey(),
    /** The lowest number of an event that this start could write. */
    firstSeq: integer('first_seq').notNull(),
    /** 24 random bits. */
    bits: integer('bits').notNull(),
  },
  () => [
    check('generations_first_seq', sql.raw('"first_seq" >= 1')),
    check('generations_bits', sql.raw('"bits" between 0 and 16777215')),
  ],
);
