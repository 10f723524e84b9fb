/** Replaces numbers by numbers that reveal nothing about them, with a keyed permutation. */
import type { Hmac } from './hmac.ts';

const rounds = [0, 1, 2, 3];

/** The first bits of a hash in hex, at most 32. */
export const firstBits = (hex: string, bits: number): number =>
  Number.parseInt(hex.slice(0, 8), 16) >>> (32 - bits);

/** A permutation of the numbers below 2^(2 * `halfBits`). */
export interface Permutation {
  permute(number: number): number;
  /** Null for a number out of range. */
  unpermute(number: number): number | null;
}

/** Four rounds of a Feistel network: a permutation, whatever the round function. */
export function createPermutation(halfBits: number, hmac: Hmac): Permutation {
  const size = 2 ** halfBits;
  const round = (index: number, half: number): number => firstBits(hmac(`${index}:${half}`, 'hex'), halfBits);
  return {
    permute(number) {
      // Out of range, two numbers would get the same id.
      if (!Number.isSafeInteger(number) || number < 0 || number >= size * size)
        throw new RangeError('The key is out of range.');
      let [left, right] = [Math.floor(number / size), number % size];
      for (const index of rounds) [left, right] = [right, left ^ round(index, right)];
      return left * size + right;
    },
    unpermute(number) {
      if (!Number.isSafeInteger(number) || number < 0 || number >= size * size) return null;
      let [left, right] = [Math.floor(number / size), number % size];
      for (const index of rounds.toReversed()) [left, right] = [right ^ round(index, left), left];
      return left * size + right;
    },
  };
}
