/** Bounds of deliveries to subscribers of the event log, each with its unit; src/limits.ts asserts how they relate. */

/** How often a subscriber polls for new events, how many it reads, and how many it delivers concurrently. */
export const FOLLOW_INTERVAL_MS = 250;
export const FOLLOW_PAGE_EVENTS = 256;
export const FOLLOW_CONCURRENCY = 16;
/** At most this many events wait for another attempt; then reading stops. */
export const FOLLOW_OPEN_EVENTS = 1_000;
/** How far deliveries can run ahead of an undelivered event: as many can be delivered twice after a restart. */
export const FOLLOW_LEAD_EVENTS = 10_000;
/** Waits between the attempts to deliver one event: together about a day, then it is passed over. */
export const FOLLOW_BACKOFF_FIRST_MS = 500;
/** Also the longest wait of a recovered receiver for what it has missed. */
export const FOLLOW_BACKOFF_MAX_MS = 600_000;
export const FOLLOW_ATTEMPTS_MAX = 200;
/** An event of so long ago is passed over after so many attempts of one process. */
export const FOLLOW_AGE_MAX_MS = 172_800_000;
export const FOLLOW_ATTEMPTS_OLD = 5;
/** Time for deliveries under way when the server stops; a delivery that is cut off is repeated. */
export const FOLLOW_STOP_DEADLINE_MS = 5_000;

/** Parked deliveries of one subscriber at most, and how many of them are tried concurrently. */
export const LATE_DELIVERIES_MAX = 10_000;
export const LATE_CONCURRENCY = 2;
/** Waits between the attempts of a parked delivery: a greylisted letter is sent within minutes. */
export const LATE_BACKOFF_FIRST_MS = 2_000;
export const LATE_BACKOFF_MAX_MS = 1_800_000;
/** After this time a refused delivery is given up, unless the mail server throttles or accepts no mail. */
export const LATE_AGE_MAX_MS = 48 * 3_600_000;
/** A parked delivery that is accepted after this time was throttled: greylisting takes less. */
export const LATE_THROTTLED_MS = 3_600_000;
/** Time after a throttled delivery without giving up any: longer than a day, because some quotas are daily. */
export const LATE_THROTTLE_QUIET_MS = 26 * 3_600_000;

/**
 * Waits between the attempts of a queued letter on Workers, together a day to two days: less than the four days for which a queue keeps a
 * message. After these attempts it goes to the dead-letter queue; wrangler.toml has the same number.
 */
export const QUEUE_RETRY_FIRST_MS = 2_000;
export const QUEUE_RETRY_MAX_MS = 1_800_000;
export const QUEUE_RETRIES_MAX = 100;
/** The longest pause that a mail provider can ask for. */
export const QUEUE_PAUSE_MAX_S = 3_600;

/** Precision of a subscriber's lag in metrics. */
export const SUBSCRIBER_LAG_STEP_S = 10;

/**
 * Letters that one recipient gets within LETTERS_WINDOW_MS: about holds, which cost nothing (where they are sent at all), about money that
 * moved, and with lost links. Together 36, of which a stranger can cause 12 without paying.
 */
export const LETTERS_MAX = { holds: 6, money: 24, links: 6 } as const;
export const LETTERS_WINDOW_MS = 3_600_000;

/** Requests for lost links that wait at most, of all addresses together: further ones get no letter. */
export const LINK_REQUESTS_MAX = 1_000;
/** A letter with links that cannot be sent within this time is dropped: the customer has asked again by then. */
export const LINK_REQUEST_AGE_MAX_MS = 3_600_000;
/** A request lasts at least this long, with a letter or without: so public counters do not show how long sending took. */
export const LINK_REQUEST_KEPT_MS = 10_000;
