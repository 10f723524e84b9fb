/** Numbers orders and refunds so that no key repeats, because their public names derive from it. */
import { randomInt } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { orders, refunds } from '../../drizzle/schema.ts';
import { FIRST_MS, KEYS_PER_MS } from '../domain/key-time.ts';
import { SHARDS_MAX } from '../domain/shard.ts';

/**
 * The last year that fits into a public id. A later clock is wrong and must not use up the keys.
 */
const END_MS = Date.UTC(2060, 0, 1);
/** Upper bound on the keys that the gap skips. */
const GAP_MAX = 2 ** 24;

/**
 * The keys that a database issues: every `step`th from `first` on. The shards of a drop have
 * different `first` keys below one step, so that no two of their orders have the same key and
 * number.
 */
export interface KeySteps {
  step: number;
  first: number;
}
export const everyKey: KeySteps = { step: 1, first: 0 };
export const keysOfShard = (shard: number, shards: number): KeySteps =>
  shards === 1 ? everyKey : { step: SHARDS_MAX, first: shard };

/** The lowest key that may be issued now. */
export type KeyFloor = (now: number) => number;

/**
 * Call this at each start with the first key of its generation. Keys start at the current time,
 * because rows that the file may have lost are older. If the clock was once ahead, the last key is
 * ahead too; then a random gap separates this start's keys from those of other starts. Generations
 * make ids distinct; the gap is for order numbers, which contain no generation.
 */
export function createKeyFloor(firstKey: number, { step, first }: KeySteps = everyKey): KeyFloor {
  const afterLast = firstKey === 1 ? 1 : firstKey + randomInt(GAP_MAX);
  const afterGap = Math.ceil((afterLast - first) / step) * step + first;
  return (now) => {
    const ofTime = (now - FIRST_MS) * KEYS_PER_MS + first;
    return now < END_MS && ofTime >= firstKey ? ofTime : afterGap;
  };
}

/** The next key of a table, never below `keyFloor`. */
export function newKey(table: typeof orders | typeof refunds, { step, first }: KeySteps) {
  const last = sql`coalesce(max(${table.id}), 0)`;
  const next =
    step === 1
      ? sql`${last} + 1`
      : sql`((${last} - ${sql.raw(String(first))}) / ${sql.raw(String(step))} + 1) * ${sql.raw(String(step))} + ${sql.raw(String(first))}`;
  return sql`max((select ${next} from ${table}), ${sql.placeholder('keyFloor')})`;
}
