/** Placeholders of prepared statements. */
import { sql } from 'drizzle-orm';

/** A value that is given at each call. */
export const value = sql.placeholder;

/**
 * In an insert Drizzle wraps a placeholder with its column's encoder, which costs a tenth of the
 * whole insert at each call. This one goes without: SQLite takes the value without encoding.
 */
export const bare = (name: string) => sql`${value(name)}`;
