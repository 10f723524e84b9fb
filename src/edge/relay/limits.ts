/** Limits of relays at the edge, with units. */

/** Relays of a drop per region; each queries every shard at most twice a second. */
export const RELAYS_PER_REGION = 4;
/** How soon a relay reads a shard again for a Worker that has just changed something there, … */
export const RELAY_READ_INTERVAL_MS = 100;
/** … and after the shard did not answer. */
export const RELAY_RETRY_MS = 1_000;
/** How long a relay waits for a shard before it answers with the last state that it knows. */
export const RELAY_WAIT_MS = 500;
/** Changes a second that a shard reports to its relays, and that a relay gets from its shards. */
export const SHARD_REPORTS_PER_SECOND = 40;
export const RELAY_REPORTS_PER_SECOND = 100;
/**
 * Attempts to report a change to a relay that does not answer; the next change is reported again.
 */
export const REPORT_ATTEMPTS_MAX = 5;

/**
 * Memory of an isolate for key filters, over all drops: one filter may have 12 MB, with 64 shards.
 */
export const KEY_FILTERS_BYTES_MAX = 32 * 1024 * 1024;
