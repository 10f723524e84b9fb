/** Limits of what Workers query from the catalogue and the objects, with units. */

/** Maximum age of a Worker's list while the catalogue is slow or unavailable. */
export const LIST_STALE_MAX_MS = 5_000;
/** How long after its end the public list shows a drop; its own page remains. */
export const LISTED_AFTER_END_MS = 30 * 24 * 3_600_000;

/** Objects that one operator request queries concurrently. */
export const OBJECTS_AT_A_TIME = 16;
/** Objects that one scrape queries: all shards of a drop, or those of the newest drops. */
export const SCRAPE_OBJECTS_MAX = 64;
/**
 * How long a scrape waits for an object: well within the 10 s that Prometheus waits for the scrape.
 */
export const SCRAPE_WAIT_MS = 2_000;
/**
 * Objects in which one request deletes personal data: with the dry run before, well within a
 * request's 10,000 subrequests.
 */
export const DELETION_OBJECTS_MAX = 400;
/** How long an incomplete deletion can be resumed; after that it starts over. */
export const DELETION_RESUMED_MS = 3_600_000;
/** How long after a drop's end its object may report an order; lists by customer query it. */
export const CUSTOMERS_LATE_MS = 24 * 3_600_000;
