/** Limits of a load test, with units. */

/** Number of buyers: the lowest and highest default, and the most that an operator can request. */
export const LOAD_TEST_BUYERS_DEFAULT_MIN = 1_000;
export const LOAD_TEST_BUYERS_DEFAULT_MAX = 200_000;
export const LOAD_TEST_BUYERS_MAX = 1_000_000;
/** Default buyers per unit. */
export const LOAD_TEST_BUYERS_PER_UNIT = 3;
/**
 * How long the crowd takes to arrive: default, minimum and maximum. A crash in the middle needs
 * time.
 */
export const LOAD_TEST_SECONDS = 10;
export const LOAD_TEST_SECONDS_MIN = 2;
export const LOAD_TEST_SECONDS_MAX = 3_600;
export const LOAD_TEST_RATE_MAX = 100_000;
/** How long a restarted server may take to catch up before its latencies count again. */
export const LOAD_TEST_SETTLE_MS = 2_000;
/** Delays before a purchase with an unknown outcome is retried: the first, and the longest. */
export const LOAD_TEST_RETRY_FIRST_MS = 250;
export const LOAD_TEST_RETRY_MAX_MS = 2_000;
/** Retries end this long after the last arrival. */
export const LOAD_TEST_PATIENCE_MS = 30_000;
/** How long the server under test may take to listen, and to stop. */
export const LOAD_TEST_START_MS = 60_000;
export const LOAD_TEST_STOP_MS = 30_000;
/** How long its warm-up may take, before the first buyer. */
export const LOAD_TEST_WARM_UP_MS = 30_000;
/**
 * Disk space that a load test leaves free, and the space that a buyer's order, events and ledger
 * line may need.
 */
export const LOAD_TEST_SPARE_BYTES = 512 * 1024 * 1024;
export const LOAD_TEST_BYTES_PER_BUYER = 8 * 1024;
