/** Reads a phone number as buyers type it, and writes it in E.164: one number has one spelling. */
import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';

/** Marks that copied numbers carry along unseen: directions of writing, soft hyphens, joiners. */
const unseen = /\p{Cf}/gu;
// Letters, extensions and pauses are refused: a number must be the whole of what is dialled.
const typed = /^(?:\+|00)[\p{Nd}\s()./\p{Pd}\u2212]+$/u;

/** A national prefix behind the country code: in brackets, or a zero that stands alone. */
const marked = /^(\+\d{1,3})[\s./-]*(?:\(\s*(?:0\d?|1|8)\s*\)|0(?=[\s./-]))/;

const read = (text: string): PhoneNumber | undefined => parsePhoneNumberFromString(text, metadata);

/** The number without the national prefix that the text may have; undefined where nothing looks like one. */
function withoutPrefix(text: string, found: PhoneNumber): PhoneNumber | undefined {
  if (marked.test(text)) return read(text.replace(marked, '$1'));
  // In Italy the zero is dialled, and a number that exists is as it should be.
  if (!found.nationalNumber.startsWith('0') || found.isValid()) return undefined;
  return read(`+${found.countryCallingCode}${found.nationalNumber.slice(1)}`);
}

/**
 * The number in E.164, or null where the text is none or could be more than one. A national prefix after the country code,
 * as in +49 (0)30, is not dialled from abroad and is dropped. 00 stands for + where the result is a number that exists.
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
  // Read again it must be the same, or two spellings of it would be two numbers.
  return read(number)?.number === number ? number : null;
}
