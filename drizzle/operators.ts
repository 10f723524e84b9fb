/** The table of operators and their tokens. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Operators besides the holder of ADMIN_TOKEN. */
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
