/** The prefix of stored Idempotency-Keys: it has a space, which no client's key can contain. */

/** The digit identifies the hash; another hash needs another digit. */
export const storedKeyPrefix = 'h1 ';
