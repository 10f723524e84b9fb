/** Reads a phone number as buyers type it, and writes it in E.164: one number has one spelling. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';

/** Marks that copied numbers carry along unseen: directions of writing, soft hyphens, joiners. */
const unseen = /\p{Cf}/gu;
// Letters, extensions and pauses are refused: a number must be the whole of what is dialled.
const typed = /^(?:\+|00)[\p{Nd}\s()./\p{Pd}\u2212]+$/u;

/**
 * The number in E.164, or null where the text is none or could be more than one. A national prefix after the country code,
 * as in +49 (0)30, is not dialled from abroad and is dropped. 00 stands for + where the result is a number that exists.
 */
export function dialable(text: string): string | null {
  const plain = text.normalize('NFKC').replaceAll(unseen, '').trim();
  if (!typed.test(plain)) return null;
  const found = parsePhoneNumberFromString(plain.replace(/^00/, '+'), metadata);
  if (!found || !(plain.startsWith('+') ? found.isPossible() : found.isValid())) return null;
  // Read again it must be the same, or two spellings of it would be two numbers.
  return parsePhoneNumberFromString(found.number, metadata)?.number === found.number ? found.number : null;
}
