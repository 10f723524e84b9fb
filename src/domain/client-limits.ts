/** What one client, by address or as a customer, may ask for and have: each bound with its unit. */

/** Within RATE_WINDOW_MS: requests of one address (an office behind one address must not feel it), and as many units beyond the first of each purchase, … */
export const ADDRESS_REQUESTS_MAX = 240;
/** … purchases of one customer (more than anybody types), and as many units beyond the first of each, … */
export const CUSTOMER_PURCHASES_MAX = 30;
/** … and wrong operator tokens of one address. */
export const FAILED_LOGINS_MAX = 20;
export const RATE_WINDOW_MS = 60_000;
/** Within FIND_WINDOW_MS: requests for lost links from one address, and letters with them that it can cause to one customer. */
export const ADDRESS_FINDS_MAX = 20;
export const ADDRESS_LETTERS_MAX = 2;
export const FIND_WINDOW_MS = 3_600_000;
/** Keys that each of these remembers: about 100 bytes each. */
export const RATE_LIMIT_KEYS_MAX = 100_000;

/** Units that one customer may have of a drop whose operator does not say. */
export const PER_CUSTOMER_DEFAULT = 4;

/** Unpaid units of one drop that one address may have on hold: at least, and of most drops at most. */
const UNPAID_UNITS_MIN = 10;
const UNPAID_UNITS_USUAL = 40;
/** What an operator may set instead. */
export const ADDRESS_UNITS_MOST = 1_000_000;

/**
 * A fifth of a small drop, UNPAID_UNITS_USUAL of a larger one, and a fiftieth where that is more, because the crowd behind one
 * address grows with the drop's own. `set` is what the operator says instead, or null. Shards share what the drop allows.
 */
export function unpaidUnitsMax(stockOfShard: number, shards: number, set: number | null): number {
  const stock = stockOfShard * shards;
  const usual = Math.max(Math.min(stock / 5, UNPAID_UNITS_USUAL), stock / 50);
  return Math.max(set === null ? UNPAID_UNITS_MIN : 1, Math.ceil((set ?? usual) / shards));
}

/** A hold that is shortened is half as long, and never shorter than this where the drop's own are longer. */
const SHORTENED_HOLD_SECONDS_MIN = 120;

export const shortenedHoldSeconds = (holdSeconds: number): number =>
  Math.min(holdSeconds, Math.max(SHORTENED_HOLD_SECONDS_MIN, Math.ceil(holdSeconds / 2)));

/** Units that an address has let go unpaid: from so many on, and only where they are more than it has paid for, its holds are shortened. */
export const LAPSED_UNITS_MIN = 10;
/** Addresses of which that is remembered, in each drop. */
export const LAPSES_KEPT_MAX = 100_000;
