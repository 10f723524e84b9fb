/** Each environment variable with accepted and refused values. */
import type { Config } from '../../../src/config/config.ts';
import { mailRules, type Rule, unplain } from './mail-config-rules.ts';

/** Variables without a default. */
export const needed = {
  SECRET_KEY: '41d9f0c2b87e6a350e1c94f7d2b8a653',
  PAYMENT_PROVIDERS: 'sandbox',
  MAIL_FROM: 'shop@example.com',
  WEBHOOK_SECRET: `whsec_${'a'.repeat(32)}`,
};

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

export const rules: Record<string, Rule> = {
  DATABASE_FILE: {
    key: 'databaseFile',
    good: [
      ['/srv/drop.db', '/srv/drop.db'],
      ['a folder/drop.db', 'a folder/drop.db'],
    ],
    bad: unplain('drop.db'),
  },
  BACKUP_DIR: {
    key: 'backups',
    good: [['/mnt/backups', { folder: '/mnt/backups', keep: 14 }]],
    bad: unplain('/mnt/backups'),
  },
  BACKUP_KEEP: {
    key: 'backups',
    good: [
      ['1', { folder: 'data/stampede.db.backups', keep: 1 }],
      ['10000', { folder: 'data/stampede.db.backups', keep: 10_000 }],
    ],
    bad: ['0', '10001', '1.5', 'many'],
  },
  HOST: {
    key: 'host',
    good: [
      ['::1', '::1'],
      ['fe80::1%eth0', 'fe80::1%eth0'],
      ['my-host.local', 'my-host.local'],
    ],
    bad: [...unplain('0.0.0.0'), 'a b', '[::1]', 'http://localhost', 'localhost/'],
  },
  PORT: whole('port', 0, 65_535),
  PUBLIC_URL: {
    key: 'publicUrl',
    good: [['https://shop.example', 'https://shop.example']],
    bad: [
      ...['shop.example', 'https://shop.example/', 'https://shop.example/drops', 'ftp://shop.example'],
      ...[
        'https://Shop.example',
        'https://shop.example:443',
        'https://user@shop.example',
        'https://bücher.example',
      ],
      ...[
        'HTTPS://shop.example',
        'https://shop.example:99999',
        'https://',
        ...unplain('https://shop.example'),
      ],
    ],
  },
  CORS_ORIGINS: {
    key: 'corsOrigins',
    good: [
      ['*', ['*']],
      ['https://a.example, http://localhost:5173', ['https://a.example', 'http://localhost:5173']],
    ],
    bad: [
      ...[
        'a.example',
        'https://a.example/',
        'https://A.example',
        'https://a.example:443',
        'https://*.a.example/',
      ],
      ...[
        'https://a.example,*',
        '*,*',
        'null',
        'https://a.example,',
        'https://a.example,https://a.example',
        '  ',
      ],
    ],
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
  HTTP_THREADS: {
    ...whole('httpThreads', 1, 16),
    good: [
      ['auto', 1],
      ['16', 16],
    ],
  },
  RATE_LIMIT: {
    key: 'isRateLimitOn',
    good: [
      ['on', true],
      ['off', false],
    ],
    bad: ['100', 'ON'],
  },
  ADDRESS_UNITS_MAX: whole('addressUnitsMax', 1, 1_000_000),
  TRUSTED_PROXIES: {
    key: 'trustedProxies',
    good: [['10.0.0.0/8', [{ groups: [2560, 0], bits: 8 }]]],
    bad: ['ten', '10.0.0.0/8,', '10.0.0.0/99'],
  },
  HOLD_SECONDS: whole('holdSeconds', 1, 86_400),
  ADMIN_TOKEN: {
    key: 'adminToken',
    good: [['uF3-kq9Z_x7TbW2e', 'uF3-kq9Z_x7TbW2e']],
    bad: [
      ...['canary-15-chars', 'canary token of blanks', 'canary\ttoken-with-a-tab', 'canary-tökén-of-umlauts'],
      ...[
        ' '.repeat(16),
        'c'.repeat(1_001),
        'canary\u200btoken-without-width',
        ...unplain('canary-of-a-token'),
      ],
    ],
  },
  SECRET_KEY: {
    key: 'secretKey',
    good: [['7c02f9e4d81b6a35930fe7c4b1d86a52', '7c02f9e4d81b6a35930fe7c4b1d86a52']],
    bad: [
      'canary-of-thirty-one-characters',
      ' '.repeat(40),
      '\u200b'.repeat(40),
      '\u3164'.repeat(40),
      '\ufe0f'.repeat(40),
      '\u2800'.repeat(40),
      `a${' '.repeat(40)}b`,
      `a${'\u3000'.repeat(40)}b`,
      ...unplain('canary-of-a-key-that-is-long-enough'),
    ],
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
    bad: [
      'canary',
      'whsec_canary',
      'a'.repeat(40),
      `whsec_${'a'.repeat(33)}`,
      ...unplain(`whsec_${'a'.repeat(32)}`),
    ],
  },
  ...mailRules,
  LOG_LEVEL: { key: 'logLevel', good: [['silent', 'silent']], bad: ['loud', 'INFO'] },
};
