/** Limits of deliveries to subscribers, with units; src/limits.ts asserts how they relate. */

/** How often a subscriber polls, how many events it reads, and how many it delivers at once. */
export const DELIVERY_INTERVAL_MS = 250;
export const DELIVERY_PAGE_EVENTS = 256;
export const DELIVERY_CONCURRENCY = 16;
/** At most this many events await a retry; then reading stops. */
export const DELIVERY_OPEN_EVENTS_MAX = 1_000;
/** How far deliveries can run ahead of an undelivered event; a restart may repeat as many. */
export const DELIVERY_WINDOW_EVENTS = 10_000;
/** Waits between the attempts to deliver one event: about a day in total, then it is skipped. */
export const DELIVERY_BACKOFF_FIRST_MS = 500;
/** Also the longest wait of a recovered receiver for the events that it missed. */
export const DELIVERY_BACKOFF_MAX_MS = 600_000;
export const DELIVERY_ATTEMPTS_MAX = 200;
/** An event older than this is skipped after DELIVERY_ATTEMPTS_OLD attempts of one process. */
export const DELIVERY_AGE_MAX_MS = 172_800_000;
export const DELIVERY_ATTEMPTS_OLD = 5;
/** Time for deliveries under way when the server stops; a delivery that is cut off is repeated. */
export const DELIVERY_STOP_DEADLINE_MS = 5_000;

/** Most deferred deliveries of one subscriber, and how many of them are tried concurrently. */
export const DEFERRED_DELIVERIES_MAX = 10_000;
export const DEFERRED_CONCURRENCY = 2;
/**
 * Waits between the attempts of a deferred delivery: a greylisted e-mail is sent within minutes.
 */
export const DEFERRED_BACKOFF_FIRST_MS = 2_000;
export const DEFERRED_BACKOFF_MAX_MS = 1_800_000;
/** A refused delivery is given up after this time, unless the mail server throttles or is down. */
export const DEFERRED_AGE_MAX_MS = 48 * 3_600_000;
/** A deferred delivery that is accepted after this time was throttled: greylisting takes less. */
export const DEFERRED_THROTTLED_MS = 3_600_000;
/** Time after throttling in which none is given up: over a day, because some quotas are daily. */
export const DEFERRED_THROTTLE_QUIET_MS = 26 * 3_600_000;

/**
 * Waits between the attempts of a queued e-mail on Workers: one to two days in total, less than the
 * four days for which a queue keeps a message. Then it goes to the dead-letter queue; wrangler.toml
 * has the same number.
 */
export const QUEUE_RETRY_FIRST_MS = 2_000;
export const QUEUE_RETRY_MAX_MS = 1_800_000;
export const QUEUE_RETRIES_MAX = 100;
/** The longest pause that a mail provider can ask for. */
export const QUEUE_PAUSE_MAX_S = 3_600;

/** Precision of a subscriber's lag in metrics. */
export const SUBSCRIBER_LAG_STEP_S = 10;

/**
 * E-mails that one recipient gets within RECIPIENT_MAILS_WINDOW_MS: about holds (if these are sent
 * at all), about money, and with lost links. Together 36, of which a stranger can cause 12 without
 * paying.
 */
export const RECIPIENT_MAILS_MAX = { holds: 6, money: 24, links: 6 } as const;
export const RECIPIENT_MAILS_WINDOW_MS = 3_600_000;

/** Most pending requests for lost links, over all addresses; further ones get no e-mail. */
export const LINK_REQUESTS_MAX = 1_000;
/** An e-mail with links that is delayed longer is dropped: the customer has retried by then. */
export const LINK_REQUEST_AGE_MAX_MS = 3_600_000;
/** Minimum lifetime of a request, so that counters do not show whether an e-mail was sent. */
export const LINK_REQUEST_KEPT_MS = 10_000;
