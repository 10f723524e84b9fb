/** Misspelt environment variables: named with a suggestion, and never with a value. */
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/config/config.ts';
import { needed } from './config-rules.ts';

const secret = 'a-value-that-nobody-may-read';
const warningsOf = (env: Record<string, string>) => parseConfig({ ...needed, ...env }).warnings;

describe('a misspelled variable', () => {
  test.each([
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['WEBHOOK_URL', 'WEBHOOK_URLS'],
    ['SMTP_URI', 'SMTP_URL'],
    ['TRUSTED_PROXYS', 'TRUSTED_PROXIES'],
    ['ADMIN_TOKENS', 'ADMIN_TOKEN'],
    ['cors_origins', 'CORS_ORIGINS'],
    ['PUBLICURL', 'PUBLIC_URL'],
    ['OPERATOR_MAIL', 'OPERATOR_EMAIL'],
    ['PORTS', 'PORT'],
  ])('%s', (name, meant) => {
    expect(warningsOf({ [name]: secret })).toEqual([
      `${name} is not a variable of Stampede. Did you mean ${meant}?`,
    ]);
  });

  test('is ignored when the correct variable is set', () => {
    expect(warningsOf({ CORS_ORIGIN: secret, CORS_ORIGINS: 'https://shop.example' })).toEqual([]);
  });

  test('variables of other programs are not reported', () => {
    const others = [
      'HOME',
      'PATH',
      'PWD',
      'HOSTNAME',
      'LOGNAME',
      'NODE_ENV',
      'DATABASE_URL',
      'SHELL',
      'LANG',
    ];
    expect(warningsOf(Object.fromEntries(others.map((name) => [name, secret])))).toEqual([]);
  });
});
