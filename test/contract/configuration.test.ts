/** Starts that must fail: every configuration error is named at once, and no secret is printed. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machines, runtimes, useServer } from '../support/contract-server.ts';
import { startExpectingFailure } from '../support/server-process.ts';

const secret = 'short-secret';
const databaseFile = join(tmpdir(), `stampede-never-made-${process.pid}`, 'drop.db');

/** Invalid environments, and the variables that the refusal must name. */
const refused: readonly { name: string; env: Record<string, string>; names: readonly string[] }[] = [
  {
    name: 'what has no default left out',
    env: { SECRET_KEY: '', PAYMENT_PROVIDERS: '' },
    names: ['SECRET_KEY', 'PAYMENT_PROVIDERS'],
  },
  {
    name: 'blanks where none can be used',
    env: {
      ADMIN_TOKEN: `${secret} ${secret} `,
      SECRET_KEY: ' '.repeat(40),
      HOST: ' 127.0.0.1',
      PUBLIC_URL: 'https://shop.example\n',
      WEBHOOK_URLS: 'https://a b.example',
      STRIPE_SECRET_KEY: `${secret}\n`,
      CORS_ORIGINS: 'https://shop.example/',
    },
    names: [
      ...[
        'ADMIN_TOKEN',
        'SECRET_KEY',
        'HOST',
        'PUBLIC_URL',
        'WEBHOOK_URLS',
        'STRIPE_SECRET_KEY',
        'CORS_ORIGINS',
      ],
    ],
  },
  { name: 'a second writer', env: { MAX_WRITE_CONNS: '2' }, names: ['MAX_WRITE_CONNS'] },
  {
    name: 'many mistakes at once',
    env: {
      SECRET_KEY: secret,
      ADMIN_TOKEN: secret,
      PORT: '99999',
      HOLD_SECONDS: '0',
      MAX_WRITE_CONNS: '8',
      SYNCHRONOUS: 'off',
      BUSY_TIMEOUT_MS: 'soon',
      WRITE_QUEUE_MAX: '-1',
      WRITE_DEADLINE_MS: '1e3',
      WRITE_BATCH_MAX: '0',
      MAX_READ_CONNS: '1.5',
      PAYMENT_PROVIDERS: 'nonsense',
    },
    names: [
      'SECRET_KEY',
      'ADMIN_TOKEN',
      'PORT',
      'HOLD_SECONDS',
      'MAX_WRITE_CONNS',
      'SYNCHRONOUS',
      'BUSY_TIMEOUT_MS',
      'WRITE_QUEUE_MAX',
      'WRITE_DEADLINE_MS',
      'WRITE_BATCH_MAX',
      'MAX_READ_CONNS',
      'PAYMENT_PROVIDERS',
    ],
  },
];

describe.each(machines)('configuration on %s', (runtime) => {
  it.each(refused)('refuses to start with $name', async ({ env, names }) => {
    const { code, output } = await startExpectingFailure({ runtime, env, databaseFile });
    expect(code, output).toEqual(expect.any(Number));
    expect(code, output).not.toBe(0);
    for (const name of names) expect(output).toContain(name);
    expect(output).not.toContain('listening');
    expect(existsSync(databaseFile)).toBe(false);
    expect(output).not.toContain(secret);
    // Reasons instead of a stack trace, because an operator reads them.
    expect(output).not.toMatch(/\n\s+at /);
  });
});

describe.each(runtimes)('a misspelt variable on %s', (runtime) => {
  const value = 'https://a-value-of-its-own.example';
  const shop = useServer(runtime, { CORS_ORIGIN: value, WEBHOOK_URL: value });

  it('is named at the start, with a suggestion and without its value', async () => {
    await shop.createDrop();
    const lines = shop.server.output().split('\n');
    for (const [name, meant] of [
      ['CORS_ORIGIN', 'CORS_ORIGINS'],
      ['WEBHOOK_URL', 'WEBHOOK_URLS'],
    ]) {
      const warning = `${name} is not a variable of Stampede. Did you mean ${meant}?`;
      expect(
        lines.filter((line) => line.includes(warning) && /"level":(?:40|"warn")/.test(line)),
      ).toHaveLength(1);
    }
    expect(shop.server.output()).not.toContain(value);
  });
});
