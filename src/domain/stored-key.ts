/**
 * The format of stored Idempotency-Keys: a keyed hash behind a prefix with a space, which no
 * client's key can contain.
 */

/** The digit identifies the hash; another hash needs another digit. */
export const storedKeyPrefix = 'h1 ';
