/** The environment as Config: each variable's rule, all errors at once, and no secret in them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../../src/config/config.ts';
import { root } from '../../support/server-process.ts';
import { needed, rules } from './config-rules.ts';
import { unplain } from './mail-config-rules.ts';

function mistakesOf(
  env: Record<string, string | undefined>,
  worker: readonly string[] | null = null,
): readonly string[] {
  try {
    parseConfig(env, worker);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

/** This rule concerns two variables: an invalid one may break it, too. */
const relation = /^WRITE_BATCH_MAX must not exceed WRITE_QUEUE_MAX/;

describe.each(Object.entries(rules))('%s', (name, { key, good, bad }) => {
  test.each(good)('accepts %s', (raw, value) => {
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

test('defaults apply without a value or with an empty one', () => {
  const config = parseConfig(needed);
  expect(config).toMatchObject({ synchronous: 'FULL', readersMax: 100, busyTimeoutMs: 5_000, port: 3_000 });
  expect(config).toMatchObject({ publicUrl: null, adminToken: null, batchMax: 256, holdSeconds: 600 });
  expect(parseConfig({ ...needed, PORT: '', ADMIN_TOKEN: '', HOST: undefined })).toEqual(config);
  expect(Object.isFrozen(config)).toBe(true);
});

test('a required variable is named, with how to get a value', () => {
  for (const env of [{}, { SECRET_KEY: '', PAYMENT_PROVIDERS: '' }]) {
    expect(mistakesOf(env)).toEqual([
      expect.stringMatching(/^SECRET_KEY is missing: .*openssl rand -hex 32/),
      expect.stringMatching(/^PAYMENT_PROVIDERS is missing: .*sandbox/),
    ]);
  }
});

test('every error is listed at once, in one sentence each', () => {
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

test('a batch larger than the queue is an error, also together with others', () => {
  const queue = { WRITE_QUEUE_MAX: '10', WRITE_BATCH_MAX: '11' };
  expect(mistakesOf({ ...needed, ...queue })).toEqual([expect.stringMatching(relation)]);
  expect(mistakesOf({ ...needed, ...queue, PORT: 'x' })).toHaveLength(2);
});

test('a second writer is refused with the reason', () => {
  const [mistake] = mistakesOf({ ...needed, MAX_WRITE_CONNS: '2' });
  expect(mistake).toMatch(/^MAX_WRITE_CONNS must be 1: .*one writer/);
});

test('the variables that a choice requires are all named at once', () => {
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

const smtp = 'smtp://mail.example';
const postmarkToken = '8f1c7a52-0c3e-4d5b-9a60-2f4b1e7d9c38';
test.each([
  [{ SMTP_URL: smtp }, []],
  [{ MAIL_PROVIDER: 'smtp', SMTP_URL: smtp }, []],
  [{ MAIL_PROVIDER: 'resend', MAIL_API_KEY: 're_1' }, []],
  [{ MAIL_PROVIDER: 'postmark', MAIL_API_KEY: postmarkToken }, []],
  [{ MAIL_PROVIDER: 'smtp' }, [/^SMTP_URL is missing: MAIL_PROVIDER is smtp/]],
  [{ MAIL_PROVIDER: 'resend' }, [/^MAIL_API_KEY is missing: MAIL_PROVIDER is resend/]],
  [{ MAIL_PROVIDER: 'resend', MAIL_API_KEY: postmarkToken }, [/^MAIL_API_KEY must be a key of resend/]],
  [{ MAIL_PROVIDER: 'postmark', MAIL_API_KEY: 're_1' }, [/^MAIL_API_KEY must be a key of postmark/]],
  [{ MAIL_PROVIDER: 'resend', MAIL_API_KEY: 're_1', SMTP_URL: smtp }, [/^SMTP_URL must not be set/]],
  [{ SMTP_URL: smtp, MAIL_API_KEY: 're_1' }, [/^MAIL_API_KEY must not be set/]],
  [{ MAIL_API_KEY: 're_1' }, [/^MAIL_API_KEY must not be set/]],
  [{ MAIL_PROVIDER: 'binding' }, [/^MAIL_PROVIDER must not be binding: only Workers/]],
])('mail by %j', (env, mistakes) => {
  expect(mistakesOf({ ...needed, ...env })).toEqual(mistakes.map((text) => expect.stringMatching(text)));
});

const onWorkers = { PUBLIC_URL: 'https://shop.example' };
test.each([
  [{}, [], []],
  [{ ...onWorkers, SMTP_URL: 'smtps://mail.example' }, ['MAIL_QUEUE'], []],
  [{ ...onWorkers, MAIL_PROVIDER: 'binding' }, ['MAIL_QUEUE', 'EMAIL'], []],
  [{ ...onWorkers, MAIL_PROVIDER: 'binding' }, ['MAIL_QUEUE'], [/^EMAIL is missing: .*send_email/]],
  [{ ...onWorkers, SMTP_URL: smtp }, [], [/^MAIL_QUEUE is missing: .*wrangler\.toml/]],
  [{ SMTP_URL: smtp }, ['MAIL_QUEUE'], [/^PUBLIC_URL is missing: links in e-mails/]],
  [{ ...onWorkers, SMTP_URL: `${smtp}:25` }, ['MAIL_QUEUE'], [/^SMTP_URL must not use port 25/]],
])('mail on Workers by %j, bound to %j', (env, bindings, mistakes) => {
  const found = mistakesOf({ ...needed, ...env }, bindings);
  expect(found).toEqual(mistakes.map((text) => expect.stringMatching(text)));
});

test.each([
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'PAYOS_CLIENT_ID',
  'PAYOS_API_KEY',
  'PAYOS_CHECKSUM_KEY',
])('%s must be valid in a header', (name) => {
  const keys = { STRIPE_SECRET_KEY: 'a', STRIPE_WEBHOOK_SECRET: 'a', PAYOS_CLIENT_ID: 'a' };
  const all = {
    ...needed,
    ...keys,
    PAYOS_API_KEY: 'a',
    PAYOS_CHECKSUM_KEY: 'a',
    PAYMENT_PROVIDERS: 'stripe,payos',
  };
  expect(mistakesOf(all)).toEqual([]);
  for (const wrong of [...unplain('key'), 'a b', 'schlüssel', 'a\u200bb']) {
    expect(mistakesOf({ ...all, [name]: wrong })).toEqual([
      expect.stringMatching(`^${name} must be visible ASCII`),
    ]);
  }
});

test('the sandbox cannot be combined with a real provider', () => {
  const [mistake] = mistakesOf({ ...needed, PAYMENT_PROVIDERS: 'sandbox,stripe', STRIPE_SECRET_KEY: 'a' });
  expect(mistake).toMatch(/^PAYMENT_PROVIDERS cannot combine sandbox with a real provider/);
});

test('no error message repeats a secret', () => {
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
