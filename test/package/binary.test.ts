/** The single executable, in an empty folder without Node or Bun: it serves, sells, and runs every kind of command. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { findFreePort } from '../../src/rehearsal/free-port.ts';
import { buySample } from '../support/buy-sample.ts';
import { patienceMs } from '../support/patience.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { root } from '../support/server-process.ts';
import { until } from '../support/shop.ts';

const run = promisify(execFile);
const folder = scratchFolder();
// Not in a folder in memory, which may be too small for it.
const program = join(tmpdir(), `stampede-executable-${process.pid}`);
/** Nothing else: no PATH leads to a runtime. */
const nothing = { BUN_TMPDIR: folder, WARM_UP: 'off' };
const command = async (...args: string[]): Promise<string> =>
  (await run(program, args, { cwd: folder, env: nothing })).stdout;

beforeAll(async () => {
  await run(join(root, 'node_modules/.bin/bun'), ['build/binary.ts', program], { cwd: root });
}, patienceMs);
afterAll(() => rmSync(program, { force: true }));

/** Starts it, waits until it listens, and stops it at the end of the test, where it must end with 0. */
async function serve(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await findFreePort();
  const child = spawn(program, args, { cwd: folder, env: { ...nothing, ...env, PORT: String(port) } });
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

test('`dev` makes its secrets and a sample drop, shows every page and sells', async () => {
  const server = await serve(['dev'], { HTTP_THREADS: '2' });
  await buySample(server.url);
  for (const path of [
    '/',
    '/d/sample-sneaker',
    '/docs',
    '/openapi.json',
    '/assets/uplot.js',
    '/assets/uplot.css',
  ]) {
    expect((await fetch(`${server.url}${path}`)).status, path).toBe(200);
  }
  expect(await command('drops', 'list', '--url', server.url)).toContain('sample-sneaker');
  await command('backup');
  await server.stop();
  expect(statSync(join(folder, 'data/stampede.db')).mode & 0o077).toBe(0);
});

test('the commands read, copy and restore its file', async () => {
  expect(await command('audit')).toMatch(/^verdict +clean$/m);
  const backups: { file: string }[] = JSON.parse(await command('backups', '--json'));
  expect(backups).toHaveLength(1);
  await command('restore', backups[0]?.file ?? '', '--force');
  expect(await command('tokens', 'add', 'packing', '--scopes', 'orders:read')).toContain('packing');
  const help = await command('help');
  expect(help).toContain('$ ./stampede dev');
  expect(help).not.toContain('npm run');
});

test('`start` reads `.env` as it stands, and a rehearsal does not', async () => {
  const { SECRET_KEY } = JSON.parse(readFileSync(join(folder, 'data/stampede.db.secrets.json'), 'utf8'));
  const settings = [
    `SECRET_KEY=${SECRET_KEY}`,
    'PAYMENT_PROVIDERS=sandbox',
    'HOLD_SECONDS=77',
    'BACKUP_DIR=of-$PATH',
  ];
  writeFileSync(join(folder, '.env'), settings.join('\n'));
  mkdirSync(join(folder, 'of-$PATH'));
  const server = await serve(['start']);
  await buySample(server.url);
  await server.stop();
  writeFileSync(join(folder, '.env'), 'WEBHOOK_URLS=http://127.0.0.1:9/of-the-shop\n');
  const rehearsed = await command(
    ...['rehearse', '--drop', 'sample-sneaker', '--buyers', '60', '--rate', '30', '--p99', '60000', '--json'],
  );
  expect(JSON.parse(rehearsed)).toMatchObject({ verdict: 'GO' });
});
