/** The form of an Idempotency-Key, of a purchase and of an operator's write. */

/** An Idempotency-Key is a secret, because a replay shows the order's token: shorter ones could be guessed. */
const CHARACTERS_MIN = 16;
const CHARACTERS_MAX = 255;

/** Only the length is checked: whether a long key is guessable cannot be seen. */
export const clientKeyForm = new RegExp(`^[\\x21-\\x7e]{${CHARACTERS_MIN},${CHARACTERS_MAX}}$`);
export const clientKeyRule = `Must be ${CHARACTERS_MIN} to ${CHARACTERS_MAX} visible ASCII characters. Use a UUID: the key is a secret.`;
