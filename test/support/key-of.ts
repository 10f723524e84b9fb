/** Names an Idempotency-Key of a test: long enough to be accepted, and the same for the same name. */
export const keyOf = (name: string | number): string => `key-of-the-test-${name}`;
