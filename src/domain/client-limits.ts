/** Bounds of one client, by address or as a customer, each with its unit. */

/** Within RATE_WINDOW_MS: requests of one address (an office behind one address must not feel it), and as many units beyond the first of each purchase, … */
export const ADDRESS_REQUESTS_MAX = 240;
/** … purchases of one customer (more than a person can type), and as many units beyond the first of each, … */
export const CUSTOMER_PURCHASES_MAX = 30;
/** … and wrong operator tokens of one address. */
export const FAILED_LOGINS_MAX = 20;
/** At the edge: questions of one address to the catalogue about names that the Worker doesn't know. */
export const ADDRESS_LOOKUPS_MAX = 60;
export const RATE_WINDOW_MS = 60_000;
/** Within FIND_WINDOW_MS: requests for lost links from one address, and letters with them that it can cause to one customer. */
export const ADDRESS_FINDS_MAX = 20;
export const ADDRESS_LETTERS_MAX = 2;
export const FIND_WINDOW_MS = 3_600_000;
/** Keys that each of these remembers: about 100 bytes each. */
export const RATE_LIMIT_KEYS_MAX = 100_000;

/** Default `perCustomer` of a new drop, in units. */
export const PER_CUSTOMER_DEFAULT = 4;

/** Bound on the unpaid units of one drop on hold from one address: the least (but half of a tiny drop), and the most for usual ones. */
const UNPAID_UNITS_MIN = 10;
const UNPAID_UNITS_USUAL = 40;
/** The largest bound that an operator can set instead. */
export const ADDRESS_UNITS_MOST = 1_000_000;

/**
 * A fifth of a small drop, UNPAID_UNITS_USUAL of a larger one, and a fiftieth if that is more, because the crowd behind one
 * address grows with the drop's own. `set` is the operator's own bound, or null. Shards share the bound; each rounds up.
 */
export function unpaidUnitsMax(stockOfShard: number, shards: number, set: number | null): number {
  const stock = stockOfShard * shards;
  const usual = Math.max(Math.min(stock / 5, UNPAID_UNITS_USUAL), stock / 50);
  const least = Math.min(UNPAID_UNITS_MIN, stock / 2);
  return Math.ceil((set ?? Math.max(least, usual)) / shards);
}

/** A shortened hold is half as long, and never shorter than this unless the drop's own holds are. */
const SHORTENED_HOLD_SECONDS_MIN = 120;

export const shortenedHoldSeconds = (holdSeconds: number): number =>
  Math.min(holdSeconds, Math.max(SHORTENED_HOLD_SECONDS_MIN, Math.ceil(holdSeconds / 2)));

/** The holds of an address are shortened from this many unpaid units on, if they exceed those that it has paid for. */
export const LAPSED_UNITS_MIN = 10;
/** Pairs of a drop and an address that are remembered for it; beyond, the older half is forgotten. */
export const LAPSES_KEPT_MAX = 100_000;
