/** Building blocks of request schemas; rules reject harmful input without repeating it. */
import * as v from 'valibot';
import { clientKeyForm, clientKeyRule } from '../domain/client-key.ts';
import { isBlank, isPlainText, undisguised } from '../domain/visible-text.ts';
import { ADDRESS_CHARACTERS_MAX, EMAIL_CHARACTERS_MAX, NAME_CHARACTERS_MAX } from '../limits.ts';
import { dialable } from './phone.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose.
const controlCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose.
const controlButLineBreak = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

const cleaned = (text: string): string => {
  // The expressions below cost many times as much.
  if (isPlainText(text)) return text;
  return isBlank(text) ? '' : undisguised(text.normalize('NFC')).normalize('NFC').trim();
};

const tooLong = (max: number) => `Must have at most ${max} characters.`;

/** Rules that also hold for text stored by older versions. */
const bounded = (max: number, forbidden: RegExp) =>
  [
    v.maxLength<string, number, string>(max, tooLong(max)),
    v.check((text: string) => text.isWellFormed(), 'Must be well-formed Unicode.'),
    v.check((text: string) => !forbidden.test(text), 'Must not contain control characters.'),
  ] as const;

// The description comes first, because the published schema ends at a transform.
const cleanText = (max: number, forbidden: RegExp, meaning: string) =>
  v.pipe(
    v.string(),
    v.description(meaning),
    ...bounded(max, forbidden),
    v.transform(cleaned),
    // The composed form can be longer than the input, and must be short enough to be sent back.
    v.check((text) => text.length <= max, tooLong(max)),
  );

/** One line of text, trimmed and in Unicode's composed form; joiners inside it stay. */
export const line = (max: number, meaning: string) =>
  v.pipe(cleanText(max, controlCharacter, meaning), v.nonEmpty('Must not be empty.'));

/** Text that may contain line breaks, and may be empty. */
export const lines = (max: number, meaning: string) => cleanText(max, controlButLineBreak, meaning);

// The first versions limited the text before composing it, which can triple it, and kept zero-width
// characters.
const COMPOSED_LENGTH_FACTOR = 3;

/** One line of text as stored by this or an earlier version. It is neutralised for display. */
export const storedLine = (max: number) =>
  v.pipe(v.string(), ...bounded(COMPOSED_LENGTH_FACTOR * max, controlCharacter));

/** Text with line breaks as stored by this or an earlier version. */
export const storedLines = (max: number) =>
  v.pipe(v.string(), ...bounded(COMPOSED_LENGTH_FACTOR * max, controlButLineBreak));

export const wholeNumber = (min: number, max: number) => {
  const rule = `Must be a whole number from ${min} to ${max}.`;
  return v.pipe(v.number(rule), v.safeInteger(rule), v.minValue(min, rule), v.maxValue(max, rule));
};

function isDayOfCalendar(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

const YEAR_1 = Date.parse('0001-01-01T00:00:00Z');
const YEAR_9999_END = Date.parse('9999-12-31T23:59:59.999Z');

/** A time as rows store it: the output of `time`. */
export const storedTime = wholeNumber(YEAR_1, YEAR_9999_END);

/**
 * An ISO 8601 time with an offset, as epoch milliseconds; digits beyond milliseconds are cut off.
 */
export const time = v.pipe(
  v.string(),
  v.description('ISO 8601 with an offset'),
  v.regex(
    /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/,
    'Must be an ISO 8601 time with an offset, such as 2027-01-31T18:00:00Z.',
  ),
  // Date.parse would read 30 February as 2 March.
  v.check((text) => isDayOfCalendar(text), 'Must be a day that exists.'),
  // Runtimes differ in whether they round the fourth digit.
  v.transform((text) => Date.parse(text.replace(/(\.\d{3})\d+/, '$1'))),
  v.check((ms) => Number.isFinite(ms), 'Must be a time that exists.'),
  // The offset can move a time into another year than the text's.
  v.check((ms) => ms >= YEAR_1 && ms <= YEAR_9999_END, 'Must be in the years 0001 to 9999 of UTC.'),
);

/**
 * What an HTML e-mail field accepts. Only surrounding spaces are removed: Unicode composition could
 * turn an invalid text into an address.
 */
export const email = v.pipe(
  v.string(),
  v.description('An e-mail address; case-insensitive'),
  v.maxLength(EMAIL_CHARACTERS_MAX, tooLong(EMAIL_CHARACTERS_MAX)),
  v.check((text) => !controlCharacter.test(text), 'Must not contain control characters.'),
  v.trim(),
  v.rfcEmail('Must be an e-mail address.'),
  v.toLowerCase(),
);

const phoneRule =
  'Must be a phone number in international form, such as +4915112345678, without letters or an extension.';
const phone = v.pipe(
  line(40, 'In international form, such as +4915112345678; stored in E.164'),
  v.transform((text) => dialable(text) ?? ''),
  v.nonEmpty(phoneRule),
);

export const customer = v.strictObject({
  email,
  name: v.optional(line(NAME_CHARACTERS_MAX, 'The customer’s name')),
  phone: v.optional(phone),
  address: v.optional(lines(ADDRESS_CHARACTERS_MAX, 'Delivery address; may contain line breaks')),
});

const keyFor = (meaning: string) =>
  v.pipe(
    v.string(),
    v.description(meaning),
    v.examples(['0b6f3c52-7d1e-4a55-9c1d-2f8e6a90b7c4']),
    v.regex(clientKeyForm, clientKeyRule),
  );
export const idempotencyKey = keyFor(
  'A secret of one purchase, 16 to 255 visible ASCII characters: use a UUID',
);
export const operatorKey = keyFor(
  'A new UUID for each write, and the same one for each retry. Within 24 hours, a retry has no effect and returns the current state. A key belongs to one operator and one request; a refusal does not use it up',
);
