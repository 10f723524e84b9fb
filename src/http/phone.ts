/** Normalises phone numbers as typed by buyers to E.164, so that one number has one spelling. */
import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';

/** Invisible characters in copied numbers: writing directions, soft hyphens, joiners. */
const unseen = /\p{Cf}/gu;
// Letters, extensions and pauses are refused: the number must be all that is dialled.
const typed = /^(?:\+|00)[\p{Nd}\s()./\p{Pd}\u2212]+$/u;

/** A national prefix after the country code: in brackets, or a separate zero. */
const marked = /^(\+\d{1,3})[\s./-]*(?:\(\s*(?:0\d?|1|8)\s*\)|0(?=[\s./-]))/;

const read = (text: string): PhoneNumber | undefined => parsePhoneNumberFromString(text, metadata);

/** The number without the national prefix that it may have; undefined if none is recognised. */
function withoutPrefix(text: string, found: PhoneNumber): PhoneNumber | undefined {
  if (marked.test(text)) return read(text.replace(marked, '$1'));
  // In Italy the zero is dialled; a number that exists stays as it is.
  if (!found.nationalNumber.startsWith('0') || found.isValid()) return undefined;
  return read(`+${found.countryCallingCode}${found.nationalNumber.slice(1)}`);
}

/**
 * The number in E.164; null if it is invalid or ambiguous. A national prefix after the country
 * code, as in +49 (0)30, is not dialled from abroad and is dropped. 00 stands for + if the result
 * is a number that exists.
 */
export function dialable(text: string): string | null {
  const plain = text.normalize('NFKC').replaceAll(unseen, '').trim();
  if (!typed.test(plain)) return null;
  const found = read(plain.replace(/^00/, '+'));
  // Two zeros after the country code are a mistake, not a prefix.
  if (!found || plain.replaceAll(/^00|\D/g, '').startsWith(`${found.countryCallingCode}00`)) return null;
  const { number } = found;
  const other = withoutPrefix(plain.replace(/^00/, '+'), found);
  if (other && other.number !== number) {
    const existing = [found, other].filter((one) => one.isValid());
    return existing.length === 1 ? (existing[0]?.number ?? null) : null;
  }
  if (!(plain.startsWith('+') ? found.isPossible() : found.isValid())) return null;
  // Parsing it again must give the same number, or one number would have two spellings.
  return read(number)?.number === number ? number : null;
}
