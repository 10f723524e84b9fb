/** The tables of operators: their tokens, and the Idempotency-Keys of their writes. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Operators other than the holder of ADMIN_TOKEN. */
export const operators = sqliteTable('operators', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  /** SHA-256 of the token, in hex: the token itself is shown once and stored nowhere. */
  tokenHash: text('token_hash').notNull().unique(),
  /** A JSON list. */
  scopes: text('scopes', { mode: 'json' }).$type<readonly string[]>().notNull(),
  createdAt: integer('created_at').notNull(),
  revokedAt: integer('revoked_at'),
});

/** The Idempotency-Keys of operators' writes in the last day, each in the commit of its write. */
export const operatorKeys = sqliteTable(
  'operator_keys',
  {
    /** Keyed hash of the operator and the key. */
    key: text('key').primaryKey(),
    /** Keyed hash of the request: a key belongs to one request. */
    fingerprint: text('fingerprint').notNull(),
    at: integer('at').notNull(),
  },
  (table) => [index('operator_keys_at').on(table.at)],
);
