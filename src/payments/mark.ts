/** Identifies the deployment that a payment belongs to, by the mark in its checkout. */
import { hash } from 'node:crypto';

/** Resolves with the mark of this deployment; rejects if it can't be read now. */
export type ReadMark = () => Promise<string>;

/** `own` is proven. `foreign`: another deployment's; `none`: other software or an older version. */
export type Mark = 'own' | 'foreign' | 'none';

/** Digits and letters that survive a bank that writes texts in capitals. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TRANSFER_MARK_CHARACTERS = 9;

/**
 * Compares the mark that a provider stores with a checkout; `kept` is undefined if there is none.
 */
export function compareMark(kept: string | undefined, mark: string): Mark {
  if (kept === undefined) return 'none';
  return kept === mark ? 'own' : 'foreign';
}

/** The mark in 9 characters, the limit of a bank transfer: 45 bits, different per order. */
export const transferMark = (mark: string, orderCode: number): string =>
  [...hash('sha256', `${mark}:${orderCode}`, 'buffer').subarray(0, TRANSFER_MARK_CHARACTERS)]
    .map((byte) => letters[byte % letters.length])
    .join('');

/** `none` also if the payer has changed the text. */
export const compareTransfer = (text: string | null | undefined, mark: string, orderCode: number): Mark =>
  text?.toUpperCase().includes(transferMark(mark, orderCode)) ? 'own' : 'none';
