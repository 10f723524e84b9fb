/** How rows keep an Idempotency-Key: as a keyed hash, behind a prefix with a space, which no key that a client sends can have. */

/** The digit names the hash: another hash must have another one. */
export const storedKeyPrefix = 'h1 ';
