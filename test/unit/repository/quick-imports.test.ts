/** Node resolves each import of the server and of large packages at most once, and alike. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { root } from '../../support/server-process.ts';

/** Loaded first in the process and its threads: counts the imports that reach Node itself. */
const counter = `
  import module from 'node:module';
  globalThis.seen = { loaded: [], lookedUp: [] };
  const isOwn = (url) => url.startsWith(${JSON.stringify(pathToFileURL(root).href)}) && !url.includes('/node_modules/');
  const isKnown = (url) => isOwn(url) || /\\/node_modules\\/(drizzle-orm|hono|libphonenumber-js)\\//.test(url);
  const packages = new Set();
  module.registerHooks({
    resolve(specifier, context, next) {
      const { parentURL = '' } = context;
      const isBeside = /^\\..*\\.[jt]s$/.test(specifier) && isKnown(parentURL) && !parentURL.endsWith('quick-thread.ts');
      const isAgain = isOwn(parentURL) && packages.has(specifier) && !/^\\.|^node:/.test(specifier);
      if (isBeside || isAgain) seen.lookedUp.push(specifier);
      if (isOwn(parentURL)) packages.add(specifier);
      return next(specifier, context);
    },
    load(url, context, next) {
      if (isKnown(url) && !/\\/(quick-|native-lock)[^/]*$/.test(url)) seen.loaded.push(url + ' ' + context.format);
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
  lookedUp: string[];
}
/** An import statement as in any file. */
const importing = (specifier: string): string =>
  `await import(${JSON.stringify(new URL(specifier, import.meta.resolve('../../../')).href)});`;
const importDrizzle = importing(import.meta.resolve('drizzle-orm/better-sqlite3'));
const say = 'process.stdout.write(JSON.stringify(seen));';
const slow = run<Seen>(importDrizzle + say);

test('the server loads the same files in the same formats without looking them up', () => {
  const importServer = importing('src/runtime/start.ts');
  const slowly = run<Seen>(importServer + say);
  expect(slowly.lookedUp.length).toBeGreaterThan(500);
  const quick = run<Seen>(importing('src/split/workarounds/quick-imports.ts') + importServer + say);
  expect(new Set(quick.loaded)).toEqual(new Set(slowly.loaded));
  expect(quick.lookedUp).toEqual([]);
});

// A thread cannot be given options of the process.
test.each([[[]], [['--max-old-space-size=300']], [['--title=shop', '--expose-gc']]])(
  'a thread of a process with the options %j loads the same files',
  (flags) => {
    const entry = urlOf(`
    import { parentPort, workerData } from 'node:worker_threads';
    ${importDrizzle}
    parentPort.postMessage({ ...seen, data: workerData });`);
    const inThread = run<Seen & { data: string }>(
      `import { once } from 'node:events';
     const { startThread } = ${importing('src/split/thread.ts')}
     const thread = startThread(new URL(${JSON.stringify(entry)}), 'what it is for');
     const [message] = await once(thread, 'message');
     process.stdout.write(JSON.stringify(message));`,
      flags,
    );
    expect(inThread.data).toBe('what it is for');
    expect(new Set(inThread.loaded)).toEqual(new Set(slow.loaded));
    expect(inThread.lookedUp).toEqual([]);
  },
);

/** Runs main.ts in a folder with these files and the import hook, with and without the hook. */
function runBoth(files: Readonly<Record<string, string>>): { quick: unknown; slow: unknown } {
  const folder = join(scratchFolder(), 'a folder');
  const quickImports = join(folder, 'src/split/workarounds/quick-imports.ts');
  cpSync(join(root, 'src/split/workarounds/quick-imports.ts'), quickImports);
  for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const printedBy = (...flags: string[]): unknown =>
    JSON.parse(execFileSync(process.execPath, [...flags, join(folder, 'main.ts')], { encoding: 'utf8' }));
  return { quick: printedBy('--import', pathToFileURL(quickImports).href), slow: printedBy() };
}

test('a file that is missing is reported by Node, with the file that imports it', () => {
  const { quick, slow } = runBoth({
    'main.ts': `
      const { code, message } = await import('./importer.ts').catch((error) => error);
      console.log(JSON.stringify({ code, message }));`,
    'importer.ts': "import './missing.ts';",
  });
  expect(quick).toEqual(slow);
  expect(quick).toMatchObject({
    code: 'ERR_MODULE_NOT_FOUND',
    message: expect.stringMatching(/missing\.ts' imported from .*importer\.ts$/),
  });
});

test('a package that is both imported and required is resolved for each', () => {
  const { quick, slow } = runBoth({
    'main.ts': `
      import { createRequire } from 'node:module';
      import { way } from 'both';
      console.log(JSON.stringify([way, createRequire(import.meta.url)('both').way]));`,
    'node_modules/both/package.json':
      '{"exports":{".":{"import":"./imported.mjs","require":"./required.cjs"}}}',
    'node_modules/both/imported.mjs': "export const way = 'import';",
    'node_modules/both/required.cjs': "exports.way = 'require';",
  });
  expect(quick).toEqual(slow);
  expect(quick).toEqual(['import', 'require']);
});
