/** Numbers orders and refunds so that no key comes twice, because their public names derive from it. */
import { randomInt } from 'node:crypto';
import { max, sql } from 'drizzle-orm';
import { orders, refunds } from '../../../drizzle/schema.ts';
import type { SyncDatabase } from '../sync-database.ts';

/** Keys count in 256ths of a millisecond from here on. */
const FIRST_MS = Date.UTC(2026, 10, 1);
const KEYS_PER_MS = 256;
/** The last year that a public id has room for. A clock that is later is wrong, and must not use up every key. */
const END_MS = Date.UTC(2060, 0, 1);
/** At most so many keys are passed over where the time does not tell the lives of a file apart. */
const GAP_MAX = 2 ** 24;

/** The lowest key that may be given now. */
export type KeyFloor = (now: number) => number;

/**
 * To be made anew in each life of a file. The file may have lost its end since the last one: it was restored from a backup,
 * or not all of it was on disk when the power failed. Buyers and providers have seen the names that are missing. Those are older
 * than now, so keys begin at the time. Where the clock was ahead, the keys are ahead of the time: then a random gap
 * separates this life from the others.
 */
export function createKeyFloor(db: SyncDatabase): KeyFloor {
  const last = Math.max(
    db
      .select({ key: max(orders.id) })
      .from(orders)
      .get()?.key ?? 0,
    db
      .select({ key: max(refunds.id) })
      .from(refunds)
      .get()?.key ?? 0,
  );
  const afterGap = last === 0 ? 1 : last + 1 + randomInt(GAP_MAX);
  return (now) => {
    const ofTime = (now - FIRST_MS) * KEYS_PER_MS;
    return now < END_MS && ofTime > last ? ofTime : afterGap;
  };
}

/** The next key of a table, and none below `keyFloor`. */
export const newKey = (table: typeof orders | typeof refunds) =>
  sql`max((select coalesce(max(${table.id}), 0) + 1 from ${table}), ${sql.placeholder('keyFloor')})`;
