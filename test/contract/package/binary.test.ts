/** The single executable in an empty folder, without Node or Bun: serves, sells, runs commands. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { findFreePort } from '../../../src/load-test/free-port.ts';
import { sampleRequest } from '../../../src/runtime/sample.ts';
import { buySample } from '../../support/buy-sample.ts';
import { patienceMs } from '../../support/patience.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { root, testEnvironment } from '../../support/server-process.ts';
import { until } from '../../support/shop.ts';

const run = promisify(execFile);
// Not on a RAM disk, which may be too small.
const program = join(tmpdir(), `stampede-executable-${process.pid}`);
/** No other variables: no PATH leads to a runtime. */
const nothing = { WARM_UP: 'off' };
const commandsIn =
  (folder: string) =>
  async (...args: string[]): Promise<string> =>
    (await run(program, args, { cwd: folder, env: { ...nothing, BUN_TMPDIR: folder } })).stdout;

beforeAll(async () => {
  await run(join(root, 'node_modules/.bin/bun'), ['build/binary.ts', program], { cwd: root });
}, patienceMs);
afterAll(() => rmSync(program, { force: true }));

/** Starts it, waits until it listens, and stops it after the test; its exit code must be 0. */
async function serve(
  folder: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await findFreePort();
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...nothing, ...env, BUN_TMPDIR: folder, PORT: String(port) },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await until(
    async () => output,
    (said) => said.includes('"listening"') || child.exitCode !== null,
  );
  expect(child.exitCode, output).toBeNull();
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended, output).toEqual([0, null]);
    },
  };
}

test('`dev` shows every page and sells, and commands read, copy and restore its file', async () => {
  const folder = scratchFolder();
  const command = commandsIn(folder);
  const server = await serve(folder, ['dev'], { HTTP_THREADS: '2' });
  await buySample(server.url);
  const plots = ['/assets/shop.js', '/assets/admin.css', '/assets/uplot.js', '/assets/uplot.css'];
  for (const path of ['/', '/d/sample-sneaker', '/docs', '/openapi.json', ...plots]) {
    expect((await fetch(`${server.url}${path}`)).status, path).toBe(200);
  }
  expect(await command('drops', 'list', '--url', server.url)).toContain('sample-sneaker');
  await command('backup');
  await server.stop();
  expect(statSync(join(folder, 'data/stampede.db')).mode & 0o077).toBe(0);

  expect(await command('audit')).toMatch(/^verdict +clean$/m);
  const backups: { file: string }[] = JSON.parse(await command('backups', '--json'));
  expect(backups).toHaveLength(1);
  await command('restore', backups[0]?.file ?? '', '--force');
  expect(await command('tokens', 'add', 'packing', '--scopes', 'orders:read')).not.toBe('');
  const help = await command('help');
  expect(help).toContain('$ ./stampede dev');
  expect(help).not.toContain('npm run');
  expect(await command('help', 'start')).toContain('.env.example of the repository lists all');
});

test('`start` reads `.env` literally, and a load test does not', async () => {
  const folder = scratchFolder();
  const { SECRET_KEY, ADMIN_TOKEN } = testEnvironment;
  const secrets = [`SECRET_KEY=${SECRET_KEY}`, `ADMIN_TOKEN=${ADMIN_TOKEN}`];
  const settings = ['PAYMENT_PROVIDERS=sandbox', 'DATABASE_FILE=of-$PATH.db'];
  writeFileSync(join(folder, '.env'), [...secrets, ...settings].join('\n'));
  const server = await serve(folder, ['start']);
  const made = await fetch(`${server.url}/admin/drops`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(sampleRequest(Date.now())),
  });
  expect(made.status, await made.text()).toBe(201);
  await buySample(server.url);
  await server.stop();
  expect(existsSync(join(folder, 'of-$PATH.db'))).toBe(true);
  // A server that reads this file refuses to start: WEBHOOK_SECRET is missing.
  writeFileSync(join(folder, '.env'), 'WEBHOOK_URLS=http://127.0.0.1:9/of-the-shop\n');
  const crowd = ['--buyers', '60', '--rate', '30', '--p99', '60000', '--file', 'of-$PATH.db'];
  const tested = await commandsIn(folder)('load-test', '--drop', 'sample-sneaker', ...crowd, '--json');
  expect(JSON.parse(tested)).toMatchObject({ verdict: 'GO' });
});
