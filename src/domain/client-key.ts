/** The format of Idempotency-Keys, for purchases and operator writes. */

/**
 * A key is a secret, because a replay returns the order's token; a shorter key could be guessed.
 */
const CHARACTERS_MIN = 16;
const CHARACTERS_MAX = 255;

/** Checks only the length; a long key may still be guessable. */
export const clientKeyForm = new RegExp(`^[\\x21-\\x7e]{${CHARACTERS_MIN},${CHARACTERS_MAX}}$`);
export const clientKeyRule = `Must be ${CHARACTERS_MIN} to ${CHARACTERS_MAX} visible ASCII characters. Use a UUID: the key is a secret.`;
