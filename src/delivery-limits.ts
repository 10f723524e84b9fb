/** The bounds of what is delivered to subscribers of the event log, each with its unit; src/limits.ts asserts how they relate. */

/** How often a follower looks for new events, how many it reads, and how many it delivers at the same time. */
export const FOLLOW_INTERVAL_MS = 250;
export const FOLLOW_PAGE_EVENTS = 256;
export const FOLLOW_CONCURRENCY = 16;
/** Events that may wait for another attempt before no more are read. */
export const FOLLOW_OPEN_EVENTS = 1_000;
/** How far the telling may run ahead of an event that is not told: as many may be told twice after a restart. */
export const FOLLOW_LEAD_EVENTS = 10_000;
/** Waits between the attempts to deliver one event: together about a day, then it is passed over. */
export const FOLLOW_BACKOFF_FIRST_MS = 500;
/** Also how long a receiver that is back may wait for what it has missed. */
export const FOLLOW_BACKOFF_MAX_MS = 600_000;
export const FOLLOW_ATTEMPTS_MAX = 200;
/** An event of so long ago is passed over after so many attempts of one process. */
export const FOLLOW_AGE_MAX_MS = 172_800_000;
export const FOLLOW_ATTEMPTS_OLD = 5;
/** How long the deliveries under way may take when the server stops; what is cut off is told again. */
export const FOLLOW_STOP_DEADLINE_MS = 5_000;

/** Deliveries of one subscriber that may wait for their own recipients, and how many of them are tried at the same time. */
export const LATE_DELIVERIES_MAX = 10_000;
export const LATE_CONCURRENCY = 2;
/** Waits between the attempts of one: a greylisted letter goes out within minutes. */
export const LATE_BACKOFF_FIRST_MS = 2_000;
export const LATE_BACKOFF_MAX_MS = 1_800_000;
/** A recipient that refuses for so long gets nothing any more of this event, unless others are refused as well. */
export const LATE_AGE_MAX_MS = 6 * 3_600_000;

/** Precision of a subscriber's lag in metrics. */
export const SUBSCRIBER_LAG_STEP_S = 10;

/**
 * Letters that one recipient gets within LETTERS_WINDOW_MS: about holds, which cost nothing (where they are sent at all), about money that
 * moved, and with lost links. Together 36, of which a stranger can cause 12 without paying.
 */
export const LETTERS_MAX = { holds: 6, money: 24, links: 6 } as const;
export const LETTERS_WINDOW_MS = 3_600_000;
