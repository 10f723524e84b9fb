/** The building blocks of the configuration's schema: each reads one variable, or says what it must be. */
import * as v from 'valibot';
import { parseNetwork } from './addresses.ts';

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
export const url = v.pipe(
  v.string(),
  v.url('must be an absolute URL'),
  v.regex(/^https?:\/\/[^/?#]+$/, 'must be an origin such as https://shop.example, without a path'),
);

export const providerNames = ['sandbox', 'stripe', 'payos'] as const;
export type PaymentProviderName = (typeof providerNames)[number];

export const secret = v.optional(v.pipe(v.string(), v.nonEmpty('must not be empty')));

export const needed = (how: string) => v.pipe(v.optional(v.string(), ''), v.nonEmpty(`is missing: ${how}`));

export const providers = v.pipe(
  v.string(),
  v.transform((list) => list.split(',').map((name) => name.trim())),
  v.array(v.picklist(providerNames, `must be a list of: ${providerNames.join(', ')}`)),
  v.check((names) => new Set(names).size === names.length, 'names a provider twice'),
  v.check(
    (names) => names.length === 1 || !names.includes('sandbox'),
    'has the sandbox beside a real provider: who chose it would get goods for nothing',
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
  // fetch refuses them; the signature says who we are.
  v.check(
    (urls) => urls.every((one) => !/^https?:\/\/[^/?#]*@/.test(one)),
    'must have no user and password in its URLs',
  ),
  v.check((urls) => new Set(urls).size === urls.length, 'names a URL twice'),
);
