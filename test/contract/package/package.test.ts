/** The published package: packed, installed in an empty folder, and used on Node and on Bun. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { stopCleanly } from '../../../src/crowd/checkout-server.ts';
import { findFreePort } from '../../../src/load-test/free-port.ts';
import { sampleRequest } from '../../../src/runtime/sample.ts';
import { buySample } from '../../support/buy-sample.ts';
import { machines } from '../../support/contract-server.ts';
import { patienceMs } from '../../support/patience.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import {
  type RuntimeName,
  root,
  scratchDatabase,
  spawnServer,
  startServer,
  testEnvironment,
} from '../../support/server-process.ts';
import { until } from '../../support/shop.ts';
import { splitApp } from './split-app.ts';

const run = promisify(execFile);
const folder = scratchFolder();
const inRepository = (name: string): string => join(root, 'node_modules/.bin', name);
const npm = (cwd: string, ...args: string[]) =>
  run('npm', [...args, '--no-audit', '--no-fund'], {
    cwd,
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
  });

/** Rejects where TypeScript finds an error in a program of the folder, without Node's types. */
async function expectTypes(program: string, ...more: string[]): Promise<void> {
  writeFileSync(join(folder, 'program.ts'), program);
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'esnext',
    '--lib',
    'esnext,dom',
  ];
  const { stdout } = await run(inRepository('tsc'), [...options, ...more, '--types', '', 'program.ts'], {
    cwd: folder,
  }).catch((failed: { stdout: string }) => failed);
  expect(stdout).toBe('');
}

/** A program of docs/embedding.md, by the name in its first line. */
function documented(name: string): string {
  const text = readFileSync(join(root, 'docs/embedding.md'), 'utf8');
  const [, program] = new RegExp(`\`\`\`js\\n(// ${name}\\n[^]*?)\`\`\``).exec(text) ?? [];
  if (program === undefined) throw new Error(`docs/embedding.md has no ${name}`);
  return program;
}

beforeAll(async () => {
  // `prepack` of package.json compiles first.
  const packed = await npm(root, 'pack', '--silent', '--pack-destination', folder);
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
  // Packages in the cache of `npm ci` are not downloaded again.
  await npm(
    folder,
    'install',
    '--prefer-offline',
    join(folder, packed.stdout.trim().split('\n').at(-1) ?? ''),
  );
  // On the runtimes of the package's users.
  for (const runtime of ['node', 'bun']) {
    symlinkSync(inRepository(runtime), join(folder, 'node_modules/.bin', runtime));
  }
}, 5 * patienceMs);

test('has nothing that does not belong in it', async () => {
  const { stdout } = await run('find', [join(folder, 'node_modules/stampede'), '-type', 'f']);
  const files = stdout
    .trim()
    .split('\n')
    .map((path) => path.slice(join(folder, 'node_modules/stampede/').length));
  expect(
    files.filter((path) => !/^dist\/|^(?:package\.json|README\.md|LICENSE|\.env\.example)$/.test(path)),
  ).toEqual([]);
  expect(files).toContain('dist/drizzle/migrations/meta/_journal.json');
  expect(files.filter((path) => /\.test\.|(?<!\.d)\.ts$|\/edge\/|dev-worker/.test(path))).toEqual([]);
});

test('has types, and needs no other for the client and the shop', async () => {
  const program = `import { Hono } from 'hono';
    import { createStampede, type Stampede } from 'stampede';
    import { createClient, type Purchase, StampedeError } from 'stampede/client';
    const routes = new Hono<{ Variables: { user: string } }>();
    export const stampede: Stampede = await createStampede({ config: {}, routes });
    const customer = { email: 'ada@example.com' };
    export const bought: Purchase = await createClient('https://shop.example')
      .purchase({ dropId: 'shoe', quantity: 1, customer })
      .catch((error: unknown) => {
        throw error instanceof StampedeError ? error.code : error;
      });`;
  await expectTypes(program);
});

test('types what the split reads', async () => {
  const program = `import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
    import { openSplit } from 'stampede/split';
    const items = sqliteTable('items', { id: integer().primaryKey(), name: text().notNull() });
    const db = await openSplit({ file: 'app.db', schema: { items } });
    const [row] = db.select().from(items).all();
    export const id: number | undefined = row?.id;
    // @ts-expect-error: a name is text.
    export const name: number | undefined = row?.name;
    export const { changes } = await db.insert(items).values({ name: 'one' });
    // @ts-expect-error: it is a number, and not anything.
    export const changed: string = changes;
    const [copy] = await db.parallel.select().from(items);
    export const copied: string | undefined = copy?.name;
    // @ts-expect-error: what is parallel only reads.
    db.parallel.insert(items);
    export const first = (await db.query.items.findFirst())?.name.length;`;
  // Drizzle's own types need it.
  await expectTypes(program, '--skipLibCheck');
});

describe('the client', () => {
  const bundle = join(folder, 'bundle.js');
  beforeAll(async () => {
    writeFileSync(join(folder, 'page.js'), `export { createClient } from 'stampede/client';`);
    await run(
      inRepository('bun'),
      ['build', 'page.js', '--target=browser', '--minify', `--outfile=${bundle}`],
      {
        cwd: folder,
      },
    );
  });

  test('has less than 5 KB when it is bundled and gzipped', () => {
    expect(gzipSync(readFileSync(bundle), { level: 9 }).length).toBeLessThan(5 * 1024);
  });
});

describe.each(machines)('on %s', (runtime: RuntimeName) => {
  test('`stampede dev` shows the sample drop and sells it, to the bundled client too', async () => {
    const nothingConfigured = { SECRET_KEY: '', ADMIN_TOKEN: '', PAYMENT_PROVIDERS: '', RATE_LIMIT: '' };
    const program = 'node_modules/.bin/stampede';
    const server = await startServer({
      runtime,
      root: folder,
      program,
      args: ['dev'],
      env: nothingConfigured,
    });
    onTestFinished(() => stopCleanly(server));
    await buySample(server.url);
    const buyer = `import { createClient } from './bundle.js';
      const shop = createClient('${server.url}');
      const [drop] = await shop.drops({ phase: 'live' });
      const request = { dropId: drop.slug, sku: drop.items[0].sku, quantity: 1, customer: { email: 'b@example.com' } };
      const { order, token } = await shop.purchase(request);
      await shop.pay(order.id);
      console.log((await shop.order(order.id, token)).order.status);`;
    writeFileSync(join(folder, 'buyer.mjs'), buyer);
    expect((await run(inRepository(runtime), ['buyer.mjs'], { cwd: folder })).stdout).toBe('paid\n');
  });

  test('`stampede` has the commands, and names itself as it is called', async () => {
    const words = ['node_modules/.bin/stampede'];
    const help = await run(inRepository(runtime), [...words, 'help'], { cwd: folder });
    expect(help.stdout).toContain('$ npx stampede dev');
    expect(help.stdout).not.toContain('npm run stampede');
    const start = await run(inRepository(runtime), [...words, 'help', 'start'], { cwd: folder });
    const [, settings = ''] = /(\S+\.env\.example) lists all/.exec(start.stdout) ?? [];
    expect(readFileSync(join(folder, settings), 'utf8')).toContain('SECRET_KEY');
    const audit = [...words, 'audit', '--file', join(folder, 'none.db')];
    await expect(run(inRepository(runtime), audit, { cwd: folder })).rejects.toMatchObject({ code: 2 });
  });

  test('the split writes, refuses alone, and keeps every acknowledged row after kill -9', async () => {
    for (const [name, text] of Object.entries(splitApp)) writeFileSync(join(folder, name), text);
    const file = scratchDatabase();
    const { stdout } = await run(inRepository(runtime), ['split.mjs', file], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({
      isMonotonic: true,
      alone: ['fulfilled', 'SQLITE_CONSTRAINT_UNIQUE', 'fulfilled'],
      undone: 'SQLITE_CONSTRAINT_UNIQUE',
      late: 'TransactionTimeoutError',
      taken: 1_005,
      added: 'six',
      linked: [1_007, 1_007],
      parallel: 1_007,
      refused: 'StatementError',
      rows: 1_007,
    });
    const child = spawn(inRepository(runtime), ['killed.mjs', file], { cwd: folder });
    let printed = '';
    for await (const chunk of child.stdout) {
      printed += String(chunk);
      if (printed.split('\n').length > 300) child.kill('SIGKILL');
    }
    // The kill may have cut off the last line.
    const acknowledged = printed.split('\n').slice(0, -1);
    expect(acknowledged.length).toBeGreaterThanOrEqual(300);
    const connection = new Database(file, { readonly: true });
    const found = new Set(connection.prepare<[], string>('select name from items').pluck().all());
    connection.close();
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
  });

  test.each(['server.mjs', `${runtime}.mjs`])(
    '%s of docs/embedding.md sells, and answers its own route',
    async (name) => {
      writeFileSync(join(folder, name), documented(name));
      const port = String(await findFreePort());
      const url = `http://127.0.0.1:${port}`;
      const env = { PORT: port, RATE_LIMIT: 'on' };
      const { child, output } = spawnServer({ runtime, root: folder, program: name, env });
      const ended = once(child, 'exit');
      onTestFinished(() => void child.kill('SIGKILL'));
      const about = await until(
        () =>
          fetch(`${url}/about`).then(
            (answer) => answer.text(),
            () => child.exitCode,
          ),
        (said) => said !== null,
      );
      expect(about, output()).toBe('We sell shoes.');
      expect((await fetch(`${url}/nothing`)).headers.get('content-type')).toBe('application/problem+json');
      const made = await fetch(`${url}/admin/drops`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${testEnvironment.ADMIN_TOKEN}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(sampleRequest(Date.now())),
      });
      expect(made.status, await made.text()).toBe(201);
      const bought = await buySample(url);
      // A known address is rate-limited.
      expect(bought.headers.get('ratelimit')).not.toBeNull();
      child.kill('SIGTERM');
      expect(await ended, output()).toEqual([0, null]);
    },
  );
});
