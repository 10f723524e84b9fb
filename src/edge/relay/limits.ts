/** Every bound of relays at the edge, with its unit. */

/** Relays of a drop in each region: each asks every lane of it at most twice a second, however many Workers ask the relay. */
export const RELAYS_PER_REGION = 4;
/** How soon a relay reads a lane again for a Worker that has just changed something there, … */
export const RELAY_READ_INTERVAL_MS = 100;
/** … and after the lane did not answer. */
export const RELAY_RETRY_MS = 1_000;
/** How long a relay waits for a lane before it answers with what it knew of it. */
export const RELAY_WAIT_MS = 500;
/** Changes that one lane reports to all relays with listeners, and that a relay gets from all lanes, in a second. */
export const LANE_REPORTS_PER_SECOND = 40;
export const RELAY_REPORTS_PER_SECOND = 100;
/** Attempts to report a change to a relay that does not answer; the next change is reported again. */
export const REPORT_ATTEMPTS_MAX = 5;

/** What an isolate keeps of filters of keys, over all drops: one of them may have 12 MB, with 64 lanes. */
export const KEY_FILTERS_BYTES_MAX = 32 * 1024 * 1024;
