/** Easily guessed secrets stop a start; random ones never do. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../../src/config/config.ts';
import { guessingBits } from '../../../src/config/secret-strength.ts';
import { ADMIN_TOKEN_BITS_MIN, SECRET_KEY_BITS_MIN } from '../../../src/limits.ts';
import { root, testEnvironment } from '../../support/server-process.ts';

const pick = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
const letters = 'abcdefghijklmnopqrstuvwxyz';
const alphanumeric = `${letters}${letters.toUpperCase()}0123456789`;

/** Generators, with the shortest secrets that they make for SECRET_KEY and for ADMIN_TOKEN. */
const generators: Record<string, (characters: number) => string> = {
  'openssl rand -hex': (characters) => randomBytes(characters / 2).toString('hex'),
  'openssl rand -base64': (characters) => randomBytes((characters / 4) * 3).toString('base64'),
  'base64 with padding': (characters) => randomBytes((characters / 4) * 3 - 2).toString('base64'),
  base64url: (characters) => randomBytes((characters / 4) * 3).toString('base64url'),
  'upper-case hex': (characters) =>
    randomBytes(characters / 2)
      .toString('hex')
      .toUpperCase(),
  base32: (characters) => pick('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', characters),
  'letters and digits': (characters) => pick(alphanumeric, characters),
  'lower-case letters': (characters) => pick(letters, characters),
  'visible ASCII': (characters) => pick(`${alphanumeric}!#$%&()*+,-./:;<=>?@[]^_{|}~`, characters),
  'a UUID': () => randomUUID(),
};

describe.each(Object.entries(generators))('%s', (_, make) => {
  test.each([
    [32, SECRET_KEY_BITS_MIN, 10_000],
    [64, SECRET_KEY_BITS_MIN, 500],
    [16, ADMIN_TOKEN_BITS_MIN, 10_000],
    [48, ADMIN_TOKEN_BITS_MIN, 500],
  ])('is strong enough at %i characters', (characters, bitsMin, times) => {
    let least = Number.POSITIVE_INFINITY;
    for (let count = 0; count < times; count += 1) least = Math.min(least, guessingBits(make(characters)));

    expect(least).toBeGreaterThanOrEqual(bitsMin);
  });
});

const mistakesOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseConfig({ ...testEnvironment, ...env });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
};

const easy = [
  ...['a'.repeat(32), 'ab'.repeat(20), 'abcd'.repeat(10), 'x1y2z3'.repeat(8), 'deadbeef'.repeat(4)],
  ...['0123456789abcdef'.repeat(2), 'abcdefghijklmnopqrstuvwxyz0123456789', '9876543210'.repeat(4)],
  ...['00112233445566778899aabbccddeeff', 'qwertyuiopasdfghjklzxcvbnm1234567890', '1234567890'.repeat(4)],
  ...['changemechangemechangemechangeme', 'change-me-change-me-change-me-change-me'],
  ...['secretsecretsecretsecretsecretsecret', 'secret-key-of-my-shop-please-change-it', `${'x'.repeat(31)}y`],
  ...['your-secret-key-here-at-least-32-characters', 'this-is-a-long-secret-key-for-my-shop'],
  ...['test-secret-key-0123456789abcdef0123456789abcdef', 'SuperSecretPassword1234SuperSecretPassword'],
  ...['PLACEHOLDER_PLACEHOLDER_PLACEHOLDER_1', 'aaaabbbbccccddddeeeeffffgggghhhh', '0'.repeat(64)],
];

test.each(easy)('SECRET_KEY must not be %s', (secret) => {
  expect(mistakesOf({ SECRET_KEY: secret })).toEqual([
    'SECRET_KEY must be hard to guess, without repetitions, sequences and placeholders: ' +
      'generate one with `openssl rand -hex 32`',
  ]);
});

test.each([
  ...['a'.repeat(16), 'abab'.repeat(4), '0123456789abcdef', 'changemechangeme', 'admin-token-admin-token'],
  ...[
    'password12345678',
    'test-admin-token-0123456789abcdef',
    'my-admin-token-123',
    'letmein-letmein-letmein',
  ],
])('ADMIN_TOKEN must not be %s', (token) => {
  expect(mistakesOf({ ADMIN_TOKEN: token })).toEqual([
    expect.stringMatching(/^ADMIN_TOKEN must be hard to guess, .*`openssl rand -hex 24`$/),
  ]);
});

test('a phrase of many words, and the secrets of the tests, are strong enough', () => {
  expect(mistakesOf({})).toEqual([]);
  expect(mistakesOf({ SECRET_KEY: 'violet tractor mumbles eleven crooked hymns' })).toEqual([]);
});

test('no file for operators shows a usable secret', () => {
  const files = ['.env.example', 'README.md', 'wrangler.toml']
    .concat(
      readdirSync(join(root, 'deploy'), { withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [`deploy/${entry.name}`] : [],
      ),
    )
    .concat(['docs/operations.md', 'docs/edge.md']);
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [line, value = ''] of text.matchAll(/(?:SECRET_KEY|ADMIN_TOKEN)=([^\s"'`…]+)/g))
      if (!/^(?:\$|…|sk_)/.test(value)) expect([file, line]).toEqual([file, '']);
  }
});
