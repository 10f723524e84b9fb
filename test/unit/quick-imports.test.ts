/** What Drizzle's files import of each other is not looked up by Node, in no thread, and is what Node would find. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../support/scratch-store.ts';
import { root } from '../support/server-process.ts';

/** Loaded before all else, in the process and in its threads: counts the imports within Drizzle that come to Node itself. */
const counter = `
  import module from 'node:module';
  globalThis.seen = { loaded: [], lookedUp: 0 };
  module.registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('.') && context.parentURL?.includes('/node_modules/drizzle-orm/')) seen.lookedUp += 1;
      return next(specifier, context);
    },
    load(url, context, next) {
      if (url.includes('/drizzle-orm/')) seen.loaded.push(url);
      return next(url, context);
    },
  });`;
const urlOf = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;

function run<Said>(program: string, flags: readonly string[] = []): Said {
  const file = join(scratchFolder(), 'program.mjs');
  writeFileSync(file, program);
  const args = ['--import', urlOf(counter), ...flags, file];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }));
}

interface Seen {
  loaded: string[];
  lookedUp: number;
}
/** As a statement of whatever file. */
const importing = (specifier: string): string =>
  `await import(${JSON.stringify(new URL(specifier, import.meta.resolve('../../')).href)});`;
const importDrizzle = importing(import.meta.resolve('drizzle-orm/better-sqlite3'));
const say = 'process.stdout.write(JSON.stringify(seen));';
const slow = run<Seen>(importDrizzle + say);

test('a process loads the same files, and looks up none of them', () => {
  expect(slow.lookedUp).toBeGreaterThan(100);
  const quick = run<Seen>(importing('src/quick-imports.ts') + importDrizzle + say);
  expect(new Set(quick.loaded)).toEqual(new Set(slow.loaded));
  expect(quick.lookedUp).toBe(0);
});

// No thread can be given an option of the process.
test.each([[[]], [['--max-old-space-size=300']], [['--title=shop', '--expose-gc']]])(
  'so does a thread of a process with the options %j',
  (flags) => {
    const entry = urlOf(`
    import { parentPort, workerData } from 'node:worker_threads';
    ${importDrizzle}
    parentPort.postMessage({ ...seen, data: workerData });`);
    const inThread = run<Seen & { data: string }>(
      `import { once } from 'node:events';
     const { startThread } = ${importing('src/thread.ts')}
     const thread = startThread(new URL(${JSON.stringify(entry)}), 'what it is for');
     const [message] = await once(thread, 'message');
     process.stdout.write(JSON.stringify(message));`,
      flags,
    );
    expect(inThread.data).toBe('what it is for');
    expect(new Set(inThread.loaded)).toEqual(new Set(slow.loaded));
    expect(inThread.lookedUp).toBe(0);
  },
);
