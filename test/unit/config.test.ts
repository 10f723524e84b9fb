/** The environment as Config: each variable's rule, all mistakes at once, and no secret in any of their sentences. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Config, ConfigError, parseConfig } from '../../src/config.ts';
import { root } from '../support/server-process.ts';

const needed = {
  SECRET_KEY: 'a'.repeat(32),
  PAYMENT_PROVIDERS: 'sandbox',
  MAIL_FROM: 'shop@example.com',
  WEBHOOK_SECRET: `whsec_${'a'.repeat(32)}`,
};

function mistakesOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

const whole = (key: keyof Config, min: number, max: number) => ({
  key,
  good: [
    [String(min), min],
    [String(max), max],
  ] as [string, unknown][],
  bad: [String(min - 1), String(max + 1), '1.5', '1e3', '0x10', ' 7', 'many', '٣'],
});
const fixed = (value: string, ...bad: string[]) => ({
  key: null,
  good: [[value, undefined]] as [string, unknown][],
  bad,
});

interface Rule {
  key: keyof Config | null;
  /** Raw values with what the Config has of them. */
  good: [string, unknown][];
  bad: string[];
}

const rules: Record<string, Rule> = {
  DATABASE_FILE: { key: 'databaseFile', good: [['/srv/drop.db', '/srv/drop.db']], bad: [] },
  BACKUP_DIR: {
    key: 'backups',
    good: [['/mnt/backups', { folder: '/mnt/backups', keep: 14 }]],
    bad: [],
  },
  BACKUP_KEEP: {
    key: 'backups',
    good: [
      ['1', { folder: 'data/stampede.db.backups', keep: 1 }],
      ['10000', { folder: 'data/stampede.db.backups', keep: 10_000 }],
    ],
    bad: ['0', '10001', '1.5', 'many'],
  },
  HOST: { key: 'host', good: [['::1', '::1']], bad: [] },
  PORT: whole('port', 0, 65_535),
  PUBLIC_URL: {
    key: 'publicUrl',
    good: [['https://shop.example', 'https://shop.example']],
    bad: ['shop.example', 'https://shop.example/', 'https://shop.example/drops', 'ftp://shop.example'],
  },
  MAX_READ_CONNS: whole('readersMax', 2, 1_000),
  MAX_WRITE_CONNS: fixed('1', '0', '2', '8', 'one'),
  BUSY_TIMEOUT_MS: whole('busyTimeoutMs', 0, 60_000),
  SYNCHRONOUS: {
    key: 'synchronous',
    good: [
      ['FULL', 'FULL'],
      ['NORMAL', 'NORMAL'],
    ],
    bad: ['full', 'OFF', 'EXTRA', '2'],
  },
  WRITE_QUEUE_MAX: { ...whole('queueMax', 1, 1_000_000), good: [['1000000', 1_000_000]] },
  WRITE_DEADLINE_MS: whole('writeDeadlineMs', 10, 60_000),
  WRITE_BATCH_MAX: whole('batchMax', 1, 10_000),
  HTTP_THREADS: whole('httpThreads', 1, 16),
  RATE_LIMIT: {
    key: 'isRateLimitOn',
    good: [
      ['on', true],
      ['off', false],
    ],
    bad: ['100', 'ON'],
  },
  TRUSTED_PROXIES: {
    key: 'trustedProxies',
    good: [['10.0.0.0/8', [{ groups: [2560, 0], bits: 8 }]]],
    bad: ['ten', '10.0.0.0/8,', '10.0.0.0/99'],
  },
  HOLD_SECONDS: whole('holdSeconds', 1, 86_400),
  ADMIN_TOKEN: { key: 'adminToken', good: [['b'.repeat(16), 'b'.repeat(16)]], bad: ['canary-15-chars'] },
  SECRET_KEY: {
    key: 'secretKey',
    good: [['c'.repeat(32), 'c'.repeat(32)]],
    bad: ['canary-of-thirty-one-characters'],
  },
  PAYMENT_PROVIDERS: {
    key: 'paymentProviders',
    good: [['sandbox', ['sandbox']]],
    bad: ['cash', 'sandbox,cash', 'sandbox,sandbox', ',', 'SANDBOX'],
  },
  STRIPE_API_BASE: {
    key: null,
    good: [['http://127.0.0.1:4242', undefined]],
    bad: ['stripe', 'http://127.0.0.1/v1'],
  },
  WEBHOOK_URLS: {
    key: null,
    good: [],
    bad: ['shop', 'ftp://a.example', 'https://user:pass@a.example', 'https://a.example,https://a.example'],
  },
  WEBHOOK_SECRET: {
    key: null,
    good: [[`whsec_${'a'.repeat(32)}`, undefined]],
    bad: ['canary', 'whsec_canary', 'a'.repeat(40)],
  },
  SMTP_URL: {
    key: null,
    good: [['smtps://user:p%40ss@mail.example?requireTLS=true', undefined]],
    bad: ['mail.example', 'http://mail.example', 'smtp://user:a/b@mail.example'],
  },
  MAIL_FROM: { key: null, good: [['shop@example.com', undefined]], bad: ['shop'] },
  OPERATOR_EMAIL: { key: null, good: [['op@example.com', undefined]], bad: ['op'] },
  LOG_LEVEL: { key: 'logLevel', good: [['silent', 'silent']], bad: ['loud', 'INFO'] },
};

/** Speaks of two variables: a wrong one may break it, too. */
const relation = /^WRITE_BATCH_MAX must not exceed WRITE_QUEUE_MAX/;

describe.each(Object.entries(rules))('%s', (name, { key, good, bad }) => {
  test.each(good)('takes %s', (raw, value) => {
    const config = parseConfig({ ...needed, [name]: raw });
    if (key !== null) expect(config[key]).toEqual(value);
  });

  if (bad.length > 0) {
    test.each(bad)('refuses "%s" in one sentence that names it', (raw) => {
      const mistakes = mistakesOf({ ...needed, [name]: raw }).filter((mistake) => !relation.test(mistake));
      expect(mistakes).toHaveLength(1);
      expect(mistakes[0]).toMatch(new RegExp(`^${name} (?:must|names) `));
    });
  }
});

test('defaults stand where nothing, or an empty text, is given', () => {
  const config = parseConfig(needed);
  expect(config).toMatchObject({ synchronous: 'FULL', readersMax: 100, busyTimeoutMs: 5_000, port: 3_000 });
  expect(config).toMatchObject({ publicUrl: null, adminToken: null, batchMax: 256, holdSeconds: 600 });
  expect(parseConfig({ ...needed, PORT: '', ADMIN_TOKEN: '', HOST: undefined })).toEqual(config);
  expect(Object.isFrozen(config)).toBe(true);
});

test('what has no default is asked for, with how to get it', () => {
  for (const env of [{}, { SECRET_KEY: '', PAYMENT_PROVIDERS: '' }]) {
    expect(mistakesOf(env)).toEqual([
      expect.stringMatching(/^SECRET_KEY is missing: .*openssl rand -hex 32/),
      expect.stringMatching(/^PAYMENT_PROVIDERS is missing: .*sandbox/),
    ]);
  }
});

test('every mistake is listed at once, in one sentence each', () => {
  const wrong = Object.entries(rules).flatMap(
    ([
      name,
      {
        bad: [raw],
      },
    ]) => (raw === undefined ? [] : [[name, raw]]),
  );
  const mistakes = mistakesOf(Object.fromEntries(wrong));
  expect(mistakes.map((mistake) => mistake.split(' ')[0])).toEqual(wrong.map(([name]) => name));
});

test('a batch that no queue can fill is a mistake, also beside others', () => {
  const queue = { WRITE_QUEUE_MAX: '10', WRITE_BATCH_MAX: '11' };
  expect(mistakesOf({ ...needed, ...queue })).toEqual([expect.stringMatching(relation)]);
  expect(mistakesOf({ ...needed, ...queue, PORT: 'x' })).toHaveLength(2);
});

test('a second writer is refused with the reason', () => {
  const [mistake] = mistakesOf({ ...needed, MAX_WRITE_CONNS: '2' });
  expect(mistake).toMatch(/^MAX_WRITE_CONNS must be 1: .*one writer/);
});

test('what a choice needs beside it is asked for, all at once', () => {
  const chosen = {
    PAYMENT_PROVIDERS: 'stripe, payos',
    WEBHOOK_URLS: 'https://a.example',
    SMTP_URL: 'smtp://mail',
    MAIL_FROM: '',
    WEBHOOK_SECRET: '',
  };
  expect(mistakesOf({ ...needed, ...chosen, PORT: 'x' }).map((mistake) => mistake.split(' ')[0])).toEqual([
    'PORT',
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
    'PAYOS_CLIENT_ID',
    'PAYOS_API_KEY',
    'PAYOS_CHECKSUM_KEY',
    'WEBHOOK_SECRET',
    'MAIL_FROM',
  ]);
});

test('the sandbox is never beside a real provider', () => {
  const [mistake] = mistakesOf({ ...needed, PAYMENT_PROVIDERS: 'sandbox,stripe', STRIPE_SECRET_KEY: 'a' });
  expect(mistake).toMatch(/^PAYMENT_PROVIDERS has the sandbox beside a real provider/);
});

test('no sentence repeats a secret', () => {
  const secrets = { SECRET_KEY: 'canary-of-a-key', ADMIN_TOKEN: 'canary-token' };
  const mistakes = mistakesOf({
    ...secrets,
    PAYMENT_PROVIDERS: 'canary',
    PORT: 'canary',
    MAX_WRITE_CONNS: 'canary',
  });
  expect(mistakes).toHaveLength(5);
  expect(new ConfigError(mistakes).message).not.toContain('canary');
});

test('.env.example shows the defaults', () => {
  const lines = readFileSync(join(root, '.env.example'), 'utf8').split('\n');
  const shown = lines.flatMap((line) =>
    [...line.matchAll(/^([A-Z_]+)=(.*)$/g)].map(([, name, value]) => [name, value]),
  );
  expect(shown.length).toBeGreaterThan(10);
  expect(parseConfig({ ...Object.fromEntries(shown), ...needed })).toEqual(parseConfig(needed));
  const text = lines.join('\n');
  for (const name of Object.keys(rules)) expect(text).toMatch(new RegExp(`^(?:# )?${name}=`, 'm'));
});
