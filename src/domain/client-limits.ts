/** Limits of one client, by address or as a customer, with units. */

/**
 * Within RATE_WINDOW_MS: requests of one address (high enough for an office behind one address),
 * and as many units beyond the first of each purchase, …
 */
export const ADDRESS_REQUESTS_MAX = 240;
/** … purchases of one customer (more than anyone types), and as many units beyond each first, … */
export const CUSTOMER_PURCHASES_MAX = 30;
/** … and wrong operator tokens of one address. */
export const FAILED_LOGINS_MAX = 20;
/** At the edge: look-ups by one address in the catalogue for names unknown to the Worker. */
export const ADDRESS_LOOKUPS_MAX = 60;
export const RATE_WINDOW_MS = 60_000;
/** Within FIND_WINDOW_MS: link requests from one address, and its e-mails to one customer. */
export const ADDRESS_FINDS_MAX = 20;
export const ADDRESS_LINK_MAILS_MAX = 2;
export const FIND_WINDOW_MS = 3_600_000;
/** Keys that each limiter keeps, about 100 bytes each. */
export const RATE_LIMIT_KEYS_MAX = 100_000;

/** Default `perCustomer` of a new drop, in units. */
export const PER_CUSTOMER_DEFAULT = 4;

/**
 * Bounds on the unpaid units of one drop on hold from one address: the minimum (half of a tiny
 * drop), and the usual maximum.
 */
const UNPAID_UNITS_MIN = 10;
const UNPAID_UNITS_USUAL = 40;
/** The largest bound that an operator can set instead. */
export const ADDRESS_UNITS_MOST = 1_000_000;

/**
 * A fifth of a small drop, UNPAID_UNITS_USUAL of a larger one, or a fiftieth if that is more,
 * because the crowd behind one address grows with the drop. `set` is the operator's own bound, or
 * null. Shards share the bound; each rounds up.
 */
export function unpaidUnitsMax(stockOfShard: number, shards: number, set: number | null): number {
  const stock = stockOfShard * shards;
  const usual = Math.max(Math.min(stock / 5, UNPAID_UNITS_USUAL), stock / 50);
  const least = Math.min(UNPAID_UNITS_MIN, stock / 2);
  return Math.ceil((set ?? Math.max(least, usual)) / shards);
}

/** A shortened hold is half as long, but not shorter than this unless the drop's own holds are. */
const SHORTENED_HOLD_SECONDS_MIN = 120;

export const shortenedHoldSeconds = (holdSeconds: number): number =>
  Math.min(holdSeconds, Math.max(SHORTENED_HOLD_SECONDS_MIN, Math.ceil(holdSeconds / 2)));

/**
 * From this many unpaid units on, holds of an address are shortened if they exceed its paid units.
 */
export const LAPSED_UNITS_MIN = 10;
/** Pairs of drop and address that this keeps; above it, the older half is dropped. */
export const LAPSES_KEPT_MAX = 100_000;
