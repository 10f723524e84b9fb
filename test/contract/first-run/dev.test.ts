/** The first run: the server starts in an empty folder, and its output leads to a working shop. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { machines } from '../../support/contract-server.ts';
import { root, type ServerProcess, scratchDatabase, startServer } from '../../support/server-process.ts';

const run = promisify(execFile);
const nothingConfigured = { SECRET_KEY: '', ADMIN_TOKEN: '', PAYMENT_PROVIDERS: '', RATE_LIMIT: '' };

describe.each(machines)('the first run on %s', (runtime) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({
      runtime,
      args: ['--dev'],
      databaseFile: scratchDatabase(),
      env: nothingConfigured,
    });
  });
  afterAll(async () => {
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });

  /** Signs in with the token from the printed file; resolves to the session's cookie. */
  const signIn = async (): Promise<string> => {
    const { ADMIN_TOKEN: token } = JSON.parse(readFileSync(`${server.databaseFile}.secrets.json`, 'utf8'));
    const body = new URLSearchParams({ token });
    const entered = await fetch(`${server.url}/admin/sign-in`, { method: 'POST', body, redirect: 'manual' });
    return entered.headers.getSetCookie().join('; ');
  };

  const shell = async (line: string): Promise<unknown> => JSON.parse((await run('sh', ['-c', line])).stdout);

  test('the printed lines list the drop, buy from it, and the payment URL pays', async () => {
    await expect.poll(() => server.output()).toContain('curl -H');
    for (const [name, path] of [
      ['shop', '/'],
      ['dashboard', '/admin'],
      ['docs', '/docs'],
    ] as const) {
      const printed = new RegExp(`^ *${name} +(\\S+)`, 'm').exec(server.output())?.[1] ?? '';
      expect(new URL(printed).pathname).toBe(path);
      const asOperator = { headers: { cookie: await signIn() } };
      expect((await fetch(printed, { ...asOperator, redirect: 'manual' })).status).toBe(200);
    }
    const lines = server
      .output()
      .split('\n')
      .map((line) => line.trim());
    const [list, buy] = lines.filter((line) => line.startsWith('curl') && !line.includes('TOKEN'));
    expect(await shell(`${list} -s`)).toMatchObject({
      drops: [{ slug: 'sample-sneaker', phase: 'live', items: [{}, {}, {}] }],
    });

    const bought = (await shell(`${buy} -s`)) as {
      order: { id: string };
      token: string;
      payment: { url: string };
    };
    expect(bought).toMatchObject({ order: { status: 'held', total: 12_900, currency: 'EUR' } });
    expect(await shell(`${buy} -s`)).toEqual(bought);

    const page = await fetch(bought.payment.url);
    expect(await page.text()).toContain('€129.00');
    const paid = await fetch(bought.payment.url, {
      method: 'POST',
      body: new URLSearchParams({ outcome: 'paid' }),
      redirect: 'manual',
    });
    expect(paid.status).toBe(303);
    const order = await fetch(`${server.url}/orders/${bought.order.id}`, {
      headers: { authorization: `Bearer ${bought.token}` },
    });
    expect(await order.json()).toMatchObject({ order: { status: 'paid' }, payments: [{ status: 'paid' }] });
    const picture = await fetch(new URL('/images/sample-sneaker.svg', server.url));
    expect(picture.headers.get('content-type')).toBe('image/svg+xml');
  });

  test('the example buys from the sample drop, and prints why it is refused', async () => {
    const example = (...args: string[]) =>
      run(join(root, 'node_modules/.bin', runtime), ['docs/examples/buy.ts', server.url, ...args], {
        cwd: root,
      });
    const { stdout } = await example('sample-sneaker', 'example@example.com');
    expect(stdout).toMatch(/^\d+: pay at http:\/\/\S+\/pay\/ord_\S+\n$/);
    await expect(example('sample-sneaker', 'example@example.com', '99')).rejects.toMatchObject({
      code: 1,
      stderr: 'The drop has no item with this sku. (invalid)\n',
    });
  });

  test('the secrets are kept for the next start, next to the file, and printed nowhere', async () => {
    const { stdout } = await run('cat', [`${server.databaseFile}.secrets.json`]);
    const secrets: Record<string, string> = JSON.parse(stdout);
    expect(Object.keys(secrets).sort()).toEqual(['ADMIN_TOKEN', 'SECRET_KEY']);
    for (const secret of Object.values(secrets)) expect(server.output()).not.toContain(secret);
    expect(dirname(server.databaseFile)).not.toBe('');

    const before = await (await fetch(`${server.url}/drops`)).text();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    server = await startServer({
      runtime,
      args: ['--dev'],
      databaseFile: server.databaseFile,
      env: nothingConfigured,
    });
    expect(await (await fetch(`${server.url}/drops`)).text()).toBe(before);
  });
});
