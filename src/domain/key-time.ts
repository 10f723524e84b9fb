/** The time that the key of an order or a refund contains. */

/** Keys count in 256ths of a millisecond from this time on. */
export const FIRST_MS = Date.UTC(2026, 10, 1);
export const KEYS_PER_MS = 256;

/** Epoch milliseconds. */
export const timeOfKey = (key: number): number => FIRST_MS + key / KEYS_PER_MS;
