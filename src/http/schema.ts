/** The building blocks of the request schemas: each refuses what would hurt later, with a rule and without the input. */
import * as v from 'valibot';
import {
  ADDRESS_CHARACTERS_MAX,
  EMAIL_CHARACTERS_MAX,
  IDEMPOTENCY_KEY_CHARACTERS_MAX,
  NAME_CHARACTERS_MAX,
} from '../limits.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose.
const controlCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose.
const controlButLineBreak = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

// The meaning comes first, because the published schema ends where a value is transformed.
const cleanText = (max: number, forbidden: RegExp, meaning: string) =>
  v.pipe(
    v.string(),
    v.description(meaning),
    v.maxLength(max, `Must have at most ${max} characters.`),
    v.check((text) => text.isWellFormed(), 'Must be well-formed Unicode.'),
    v.check((text) => !forbidden.test(text), 'Must not contain control characters.'),
    v.transform((text) => text.normalize('NFC').trim()),
  );

/** One line of text, trimmed and in Unicode's composed form. */
export const line = (max: number, meaning: string) =>
  v.pipe(cleanText(max, controlCharacter, meaning), v.nonEmpty('Must not be empty.'));

/** Text that may have line breaks, and may be empty. */
export const lines = (max: number, meaning: string) => cleanText(max, controlButLineBreak, meaning);

export const wholeNumber = (min: number, max: number) => {
  const rule = `Must be a whole number from ${min} to ${max}.`;
  return v.pipe(v.number(rule), v.safeInteger(rule), v.minValue(min, rule), v.maxValue(max, rule));
};

function isDayOfCalendar(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

/** An ISO 8601 time with its offset, as epoch milliseconds. */
export const time = v.pipe(
  v.string(),
  v.description('ISO 8601 with an offset'),
  v.regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/,
    'Must be an ISO 8601 time with an offset, such as 2027-01-31T18:00:00Z.',
  ),
  // Date.parse would read the 30th of February as the 2nd of March.
  v.check((text) => isDayOfCalendar(text), 'Must be a day that exists.'),
  v.transform((text) => Date.parse(text)),
  v.check((ms) => Number.isFinite(ms), 'Must be a time that exists.'),
);

export const email = v.pipe(
  line(EMAIL_CHARACTERS_MAX, 'An e-mail address; its case does not count'),
  v.toLowerCase(),
  v.email('Must be an e-mail address.'),
);

/** E.164, after the usual separators are taken out. */
const phone = v.pipe(
  line(40, 'In international form, such as +4915112345678'),
  v.transform((text) => text.replaceAll(/[\s().-]/g, '')),
  v.regex(/^\+[1-9]\d{6,14}$/, 'Must be a phone number in international form, such as +4915112345678.'),
);

export const customer = v.strictObject({
  email,
  name: v.optional(line(NAME_CHARACTERS_MAX, 'The customer’s name')),
  phone: v.optional(phone),
  address: v.optional(lines(ADDRESS_CHARACTERS_MAX, 'Where the goods go; may have line breaks')),
});

export const idempotencyKey = v.pipe(
  v.string(),
  v.regex(
    new RegExp(`^[\\x21-\\x7e]{1,${IDEMPOTENCY_KEY_CHARACTERS_MAX}}$`),
    `Must be 1 to ${IDEMPOTENCY_KEY_CHARACTERS_MAX} visible ASCII characters.`,
  ),
);
