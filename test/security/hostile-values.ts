/** An attacker's values for each type of field, as JSON text: some can't be made from a value. */
import type { JsonSchema } from '@valibot/to-json-schema';
import { canary } from '../support/client.ts';

/** Raw JSON values for a body. */
export interface HostileValues {
  /** Values that the server must reject. */
  refused: readonly string[];
  /** Values that may be accepted as text where the field's rule allows it, without any effect. */
  harmless: readonly string[];
}

const text = (value: string): string => JSON.stringify(value);
const noText = ['5', 'true', 'false', '[]', '{}', '["canary"]', '{"canary":1}', '1e999'];

/** Invalid text: half characters, and control characters for a terminal, a mail server or a log. */
const brokenText = [
  '"canary\\ud800"',
  '"\\udc00canary"',
  ...['\u0000', '\u0007', '\u001b[31m', '\r\nBcc: canary@canary.example', '\u007f', '\u0085', '\u2028'].map(
    (part) => text(`canary${part}`),
  ),
];

const sqlTexts = [
  `'`,
  `' OR '1'='1`,
  `canary'); DROP TABLE orders;--`,
  `"; DELETE FROM events; --`,
  `' UNION SELECT token_hash FROM operators--`,
  '%',
  '_____',
  `\\' OR 1=1 --`,
];
const shownTexts = [
  '<script>alert("canary")</script>',
  '"><img src=x onerror=alert(1)>',
  `=cmd|'/c calc'!A1`,
  '@SUM(1+1)',
  '{{7*7}}',
  '$' + '{7*7}',
  '../../../../etc/passwd',
  '%2e%2e%2f',
  'file:///etc/passwd',
  'javascript:alert(1)',
  '\u202ecanary',
  'can\u200bary',
  'аdmin@canary.example',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'null',
];
const hostileTexts: readonly string[] = [...sqlTexts, ...shownTexts];

function ofText({ maxLength, enum: choices }: JsonSchema): HostileValues {
  const tooLong = maxLength === undefined ? [] : [text('a'.repeat(maxLength + 1)), text('a'.repeat(60_000))];
  const refused = [...noText, ...brokenText, ...tooLong, 'null'];
  const all = hostileTexts.map(text);
  // An enumeration: no other value is valid.
  if (choices)
    return { refused: [...refused, ...all, '""', text(String(choices[0]).toUpperCase())], harmless: [] };
  return { refused, harmless: [...all, '""', '" "', text('\ncanary'), text('\ufeffcanary')] };
}

function ofNumber({ minimum = 0, maximum = 0 }: JsonSchema): HostileValues {
  const [below, above] = [String(minimum - 1), String(maximum + 1)];
  return {
    refused: [
      ...[below, above, '1.5', '1e999', '-1e999', '9007199254740993', '1e21', '-1e21', '1e308', '0.1'],
      ...['"1"', '""', '"canary"', 'null', 'true', 'false', '[]', '[1]', '{}', '{"canary":1}', '"0x1"'],
    ],
    // Unusual spellings of 0 and 1: valid where the number is.
    harmless: ['-0', '1e-400', '0e1', '10e-1'],
  };
}

const ofTruth: HostileValues = {
  refused: ['0', '1', '"true"', '"false"', '""', '"canary"', 'null', '[]', '[true]', '{}'],
  harmless: [],
};

function ofList(schema: JsonSchema): HostileValues {
  const { minItems = 0, maxItems = 0 } = schema;
  const many = `[${Array.from({ length: maxItems + 1 }, () => '{}').join()}]`;
  return {
    refused: [
      ...[
        'null',
        '{}',
        '""',
        '"canary"',
        '5',
        'true',
        '[null]',
        '[[]]',
        '[5]',
        '["canary"]',
        '{"0":{}}',
        many,
      ],
      ...(minItems > 0 ? ['[]', '{"length":1}'] : []),
    ],
    harmless: [],
  };
}

/** Keys that a careless copy would write to the prototype of every object. */
export const hostileKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  `${canary}@${canary}.example`,
  `<b>${canary}`,
];

const ofObject: HostileValues = {
  refused: [
    ...['null', '[]', '"canary"', '5', 'true', '[{}]'],
    ...hostileKeys.map((key) => `{${text(key)}:{"isAdmin":true}}`),
  ],
  harmless: [],
};

/** Values by the field's schema; null where the schema does not say its type. */
export function hostileValuesFor(schema: JsonSchema): HostileValues {
  const choices = schema.anyOf as JsonSchema[] | undefined;
  if (choices) {
    const [of] = choices.filter(({ type }) => type !== 'null');
    const { refused, harmless } = hostileValuesFor(of ?? {});
    return { refused: refused.filter((json) => json !== 'null'), harmless };
  }
  if (schema.type === 'integer' || schema.type === 'number') return ofNumber(schema);
  if (schema.type === 'boolean') return ofTruth;
  if (schema.type === 'array') return ofList(schema);
  if (schema.type === 'object') return ofObject;
  if (schema.type === 'string') return ofText(schema);
  throw new Error(`No hostile values are known for ${JSON.stringify(schema)}.`);
}

/** Values for an id in a path, encoded as sent. */
export const hostileIds: readonly string[] = [
  ...[
    '%00',

    '..%2f..%2fadmin',
    '%252e',
    '%zz',
    '%',
    '%ff%fe',
    '%F0%9F',
    '%5c',
    '%20',
    '%0d%0aSet-Cookie:x',
  ],
  ...[
    `'`,
    `'%20OR%20'1'='1`,
    '%25',
    '_',
    ';',
    '*',
    '{id}',
    ':id',
    '-1',
    '0',
    '1',
    'null',
    'undefined',
    'NaN',
  ],
  ...['__proto__', 'constructor', 'toString', 'a'.repeat(5_000), '%F0%9F%A6%96', `${canary}`, 'ord_', 'drp_'],
  ...['ord_AAAAAAAAAAAAAAAAAAAAAA', 'drp_AAAAAAAAAAAAAAAAAAAAAA', 'rfd_AAAAAAAAAAAAAAAAAAAAAA'],
];

/** Query strings for a named parameter. */
export const hostileQueries = (name: string): readonly string[] => [
  ...[
    ...hostileTexts,
    '',
    ' ',
    '-1',
    '0',
    '1e3',
    '1.5',
    'NaN',
    '99999999999999999999',
    'a'.repeat(5_000),
  ].map((value) => `${name}=${encodeURIComponent(value)}`),
  ...['%00', '%ff', '%zz', '%ed%a0%80'].map((value) => `${name}=${value}`),
  ...[
    `${name}`,
    `${name}=1&${name}=2`,
    `${name}[]=1`,
    `${name}[__proto__]=1`,
    '__proto__=1',
    'constructor=1',
  ],
  `${name}=1&${Array.from({ length: 1_500 }, (_, index) => `p${index}=1`).join('&')}`,
];

/** Values for a named header. Node's client sends no line break; test/security/smuggling does. */
export const hostileHeaders: readonly string[] = [
  ...hostileTexts.filter((value) => /^[\u0020-\u007e]*$/.test(value)),
  ...[
    '',
    ' ',
    '\u00ff\u00fe',
    'a'.repeat(256),
    'a'.repeat(6_000),
    '-1',
    '0',
    '1e999',
    'NaN',
    '*',
    ','.repeat(3_000),
    // The server's own cookies with values that decode to what no header can contain.
    ['session', 'bookmark', 'order', 'buy'].map((name) => `${name}=canary%E2%82%AC%0A`).join('; '),
  ],
];
