/** The delays between attempts: each is twice the one before, up to a maximum. */

/** Milliseconds after the `nth` attempt (from 0). */
export const doubledMs = (nth: number, firstMs: number, maxMs: number): number =>
  Math.min(maxMs, firstMs * 2 ** nth);

/**
 * `doubledMs` minus a random part of up to half, so that retries of simultaneous failures spread.
 */
export const backoffMs = (nth: number, random: () => number, firstMs: number, maxMs: number): number =>
  doubledMs(nth, firstMs, maxMs) * (1 - random() / 2);
