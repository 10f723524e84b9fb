/** Derives an Idempotency-Key of a valid length from a name. */
export const keyOf = (name: string | number): string => `key-of-the-test-${name}`;
