/** What Drizzle's files import of each other is not looked up by Node, in no thread, and is what Node would find. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startThread } from '../../src/thread.ts';
import { root } from '../support/server-process.ts';

const quickImports = new URL('../../src/quick-imports.ts', import.meta.url).href;

/** Says how many imports within Drizzle came to Node itself, and which of its files were loaded. */
const program = `
  import module from 'node:module';
  const loaded = [];
  let lookedUp = 0;
  module.registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('.') && context.parentURL?.includes('/node_modules/drizzle-orm/')) lookedUp += 1;
      return next(specifier, context);
    },
    load(url, context, next) {
      if (url.includes('/drizzle-orm/')) loaded.push(url);
      return next(url, context);
    },
  });
  if (process.argv[1]) await import(process.argv[1]);
  await import('drizzle-orm/better-sqlite3');
  process.stdout.write(JSON.stringify({ loaded: loaded.sort(), lookedUp }));
`;
const importDrizzle = (...args: string[]): { loaded: string[]; lookedUp: number } =>
  JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program, ...args], {
      cwd: root,
      encoding: 'utf8',
    }),
  );

test('a process loads the same files, and looks up none of them', () => {
  const slow = importDrizzle();
  const quick = importDrizzle(quickImports);
  expect(slow.lookedUp).toBeGreaterThan(100);
  expect(quick).toEqual({ loaded: slow.loaded, lookedUp: 0 });
});

test('a thread imports as its process does', async () => {
  const entry = `data:text/javascript,
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.postMessage({ flags: process.execArgv, data: workerData });`;
  const thread = startThread(new URL(entry), 'what it is for');
  const [message] = await once(thread, 'message');
  expect(message).toEqual({
    flags: expect.arrayContaining(['--import', quickImports]),
    data: 'what it is for',
  });
});
