/** The bounds of a rehearsal, each with its unit. */

/** Buyers of a rehearsal: the least and the most by default, and the most that an operator can ask for. */
export const REHEARSAL_BUYERS_DEFAULT_MIN = 1_000;
export const REHEARSAL_BUYERS_DEFAULT_MAX = 200_000;
export const REHEARSAL_BUYERS_MAX = 1_000_000;
/** Buyers for each unit by default. */
export const REHEARSAL_BUYERS_PER_UNIT = 3;
/** How long the crowd takes to arrive: by default, at least and at most. Its middle needs room for a crash. */
export const REHEARSAL_SECONDS = 10;
export const REHEARSAL_SECONDS_MIN = 2;
export const REHEARSAL_SECONDS_MAX = 3_600;
export const REHEARSAL_RATE_MAX = 100_000;
/** How long the restarted server may be busy with what the crash left open before its latencies count again. */
export const REHEARSAL_SETTLE_MS = 2_000;
/** Waits before a purchase without a known outcome is retried: the first one, and the longest, … */
export const REHEARSAL_RETRY_FIRST_MS = 250;
export const REHEARSAL_RETRY_MAX_MS = 2_000;
/** … and how long after the last arrival the retries end. */
export const REHEARSAL_PATIENCE_MS = 30_000;
/** How long a rehearsed server may take to listen, and to stop. */
export const REHEARSAL_START_MS = 60_000;
export const REHEARSAL_STOP_MS = 30_000;
/** What it leaves free on the disk, and what each buyer may need: an order, its events, its line in the ledger. */
export const REHEARSAL_SPARE_BYTES = 512 * 1024 * 1024;
export const REHEARSAL_BYTES_PER_BUYER = 8 * 1024;
