/** Building blocks of the configuration schema; each parses one variable or states its rule. */
import * as v from 'valibot';
import { parseNetwork } from '../domain/ip-address.ts';
import { providerNames } from '../domain/provider.ts';
import { visibleCharacters } from '../domain/visible-text.ts';
import { EMAIL_CHARACTERS_MAX } from '../limits.ts';
import { guessingBits } from './secret-strength.ts';

export const whole = (min: number, max: number) => {
  const rule = `must be a whole number from ${min} to ${max}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,12}$/, rule),
    v.transform(Number),
    v.minValue(min, rule),
    v.maxValue(max, rule),
  );
};
export const only = (value: string, reason: string) =>
  v.optional(v.literal(value, `must be ${value}: ${reason}`), value);
/** Whether a text is an origin as browsers write it: lower case, ASCII, without path and user. */
const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
const originRule = 'such as https://shop.example: lower case, without a path, user or default port';
export const url = v.pipe(
  v.string(),
  v.check((text) => isOrigin(text), `must be an origin ${originRule}`),
);

export const origins = v.pipe(
  v.string(),
  v.transform((list) => (list === '' ? [] : list.split(',').map((one) => one.trim()))),
  v.check(
    (list) => list.every(isOrigin) || (list.length === 1 && list[0] === '*'),
    `must be a list of origins ${originRule}; or * alone`,
  ),
  v.check((list) => new Set(list).size === list.length, 'must not contain an origin twice'),
);

/** Rejects control characters, zero-width characters and surrounding blanks. */
export const plain = (...rules: [] | [min: number]) =>
  v.pipe(
    v.string(),
    v.check(
      (text) => text === text.trim() && text !== '',
      'must not begin or end with a blank or a line break',
    ),
    v.regex(/^\P{C}*$/u, 'must not contain invisible characters'),
    v.check(
      (text) => visibleCharacters(text) >= (rules[0] ?? 1),
      `must contain visible characters, at least ${rules[0] ?? 1}`,
    ),
  );

/**
 * Text that a header carries unchanged: HTTP clients trim blanks, and refuse non-ASCII characters.
 */
export const headerWord = v.pipe(
  v.string(),
  v.regex(/^[!-~]+$/, 'must be visible ASCII characters without blanks or line breaks'),
);
export const secret = v.optional(headerWord);

/** Refuses guessable secrets: repetitions, sequences and placeholders. */
export const hardToGuess = (bitsMin: number, command: string) =>
  v.check<string, string>(
    (text) => guessingBits(text) >= bitsMin,
    `must be hard to guess, without repetitions, sequences and placeholders: generate one with \`${command}\``,
  );

const emailRule = 'must be an e-mail address';
export const emailAddress = v.pipe(
  v.string(),
  v.maxLength(EMAIL_CHARACTERS_MAX, emailRule),
  v.rfcEmail(emailRule),
);
const senderRule = 'must be an e-mail address, or a name and an address such as Shop <shop@example.com>';
const sender = /^(?:(?:"[^"\\\p{C}]*"|[^",;:<>()@\\\p{C}]*?) *<([^<>]+)>|([^<>]+))$/u;
/** A name with a comma needs quotes, because a comma would start another sender. */
export const emailSender = v.pipe(
  v.string(),
  v.check((text) => {
    const [, named, bare] = sender.exec(text) ?? [];
    return v.safeParse(emailAddress, named ?? bare).success;
  }, senderRule),
);

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
export const smtpUrl = v.pipe(
  v.string(),
  v.regex(/^smtps?:\/\/[!-~]+$/, 'must begin with smtp:// or smtps://, without blanks'),
  v.check((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && url.hostname !== '' && canDecode(url.username) && canDecode(url.password);
  }, 'must be a URL with a host; write special characters of its user and password as %XX'),
);

export const needed = (how: string) => v.pipe(v.optional(v.string(), ''), v.nonEmpty(`is missing: ${how}`));

export const providers = v.pipe(
  v.string(),
  v.transform((list) => list.split(',').map((name) => name.trim())),
  v.array(v.picklist(providerNames, `must be a list of: ${providerNames.join(', ')}`)),
  v.check((names) => new Set(names).size === names.length, 'must not contain a provider twice'),
  v.check(
    (names) => names.length === 1 || !names.includes('sandbox'),
    'cannot combine sandbox with a real provider: sandbox orders are never charged',
  ),
);

const networkRule = 'must be a list of addresses and networks, such as 10.0.0.0/8, 2001:db8::1';
export const networks = v.pipe(
  v.string(),
  v.transform((list) => (list === '' ? [] : list.split(',').map(parseNetwork))),
  v.check((found) => !found.includes(null), networkRule),
  v.transform((found) => found.filter((network) => network !== null)),
);

export const webhookUrls = v.pipe(
  v.string(),
  v.transform((list) => (list === '' ? [] : list.split(',').map((one) => one.trim()))),
  v.check(
    (urls) => urls.every((one) => /^https?:/.test(one) && URL.canParse(one)),
    'must be a list of http(s) URLs',
  ),
  // fetch refuses them; the signature authenticates us.
  v.check(
    (urls) => urls.every((one) => !/^https?:\/\/[^/?#]*@/.test(one)),
    'must not contain a user or password in its URLs',
  ),
  v.check((urls) => new Set(urls).size === urls.length, 'must not contain a URL twice'),
);
