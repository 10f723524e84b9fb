/** The table of the deployment's mark. */
import { sql } from 'drizzle-orm';
import { check, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** One row: this file, or at the edge the catalogue and all objects, among others that share a provider's account. */
export const deployment = sqliteTable(
  'deployment',
  {
    id: integer('id').primaryKey(),
    /** 128 random bits in hex, made once: the provider keeps them with each checkout, so they are no secret. */
    mark: text('mark').notNull(),
  },
  () => [
    check('deployment_single', sql.raw('"id" = 1')),
    check('deployment_mark', sql.raw(`length("mark") = 32 and "mark" not glob '*[^0-9a-f]*'`)),
  ],
);
