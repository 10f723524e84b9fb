/** Bounds of what Workers ask the catalogue and the objects, each with its unit. */

/** How old a Worker's list may be while the catalogue is slow or away. */
export const LIST_STALE_MAX_MS = 5_000;
/** How long after its end the public list shows a drop; its own page stays. */
export const LISTED_AFTER_END_MS = 30 * 24 * 3_600_000;
