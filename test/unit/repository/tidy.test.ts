/**
 * The repository's rules as a test: import directions, access to clocks and engines, file contents.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestsOf } from '../../../src/database/audit/schema.ts';
import { rowsOf } from '../../../src/database/sqlite/file-rows.ts';
import { allowedImports } from '../../support/allowed-imports.ts';
import { ScratchStore } from '../../support/scratch-store.ts';
import { root } from '../../support/server-process.ts';
import { patchFiles, splitPatch } from '../../support/source-patch.ts';
import { plainFolders, wordingFaults } from '../../support/wording.ts';

interface SourceFile {
  path: string;
  text: string;
  lines: string[];
  imports: string[];
}

function read(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.d)\.(?:ts|mjs)$/.test(name))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(join(root, path), 'utf8');
      const specifiers = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '');
      const imports = specifiers.map((specifier) =>
        specifier.startsWith('.') ? relative(root, join(root, dirname(path), specifier)) : specifier,
      );
      return { path, text, lines: text.split('\n'), imports };
    });
}

const src = read('src');
const all = [...src, ...read('build'), ...read('drizzle'), ...read('test'), ...read('bench')];
const inFolder = (folder: string) => (file: SourceFile) => file.path.startsWith(`${folder}/`);
/** A folder of src, or a file next to them. `sqlite` joins `database` with what builds on it. */
const folderOf = (path: string): string => /^src\/(?:database\/sqlite|[^/]+)/.exec(path)?.[0] ?? path;
const paths = (files: SourceFile[]) => files.map((file) => file.path);

/** Entry points of processes: a server or a command. */
const isRuntime = (file: SourceFile): boolean =>
  ['src/runtime', 'src/edge', 'src/cli'].some((folder) => inFolder(folder)(file));
// The engine is behind the port: other folders must not import it directly.
const behindPort = /^src\/(?:commands|database\/sqlite|edge)\//;
const forbidden: Record<string, RegExp> = { 'src/http': behindPort, 'src/background': behindPort };

describe('imports follow the allowed directions', () => {
  test.each(Object.entries(allowedImports))('%s', (folder, { files, packages }) => {
    const nested = Object.keys(allowedImports).filter((other) => other.startsWith(`${folder}/`));
    const own = src.filter(inFolder(folder)).filter((file) => !nested.some((other) => inFolder(other)(file)));
    expect(own.length).toBeGreaterThan(0);
    const wrong = own.flatMap((file) =>
      file.imports
        .filter((name) =>
          name.startsWith('src/') || name.startsWith('drizzle/')
            ? !files.some((allowed) => name.startsWith(allowed)) || forbidden[folder]?.test(name)
            : !packages.test(name),
        )
        .map((name) => `${file.path} -> ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('only the command line imports a runtime, and none imports another', () => {
    const wrong = src.flatMap(({ path, imports }) =>
      imports
        .filter((name) => /^src\/(?:runtime|edge)\//.test(name) && folderOf(name) !== folderOf(path))
        .filter(() => !path.startsWith('src/cli/'))
        .map((name) => `${path} -> ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no folders import each other, directly or through others', () => {
    const imported = new Map<string, Set<string>>();
    // Except the entry of the program, which lies with those of the servers.
    for (const { path, imports } of src.filter((file) => file.path !== 'src/runtime/stampede.mjs')) {
      const from = folderOf(path);
      const to = imports.filter((name) => name.startsWith('src/')).map(folderOf);
      imported.set(from, new Set([...(imported.get(from) ?? []), ...to.filter((name) => name !== from)]));
    }
    // Removes folders that import none of those left; a cycle stays.
    const isFree = (folder: string) => ![...(imported.get(folder) ?? [])].some((name) => imported.has(name));
    for (let free = [...imported.keys()].filter(isFree); free.length > 0; ) {
      for (const folder of free) imported.delete(folder);
      free = [...imported.keys()].filter(isFree);
    }
    expect([...imported].map(([folder, names]) => `${folder} -> ${[...names].join(', ')}`)).toEqual([]);
  });
});

describe('a benchmark', () => {
  test('shares src/crowd with the tests, and imports no test file', () => {
    const wrong = all
      .filter(inFolder('bench'))
      .flatMap(({ path, imports }) =>
        imports.filter((name) => name.startsWith('test/')).map((name) => `${path} -> ${name}`),
      );
    expect(wrong).toEqual([]);
  });
});

describe('a workaround', () => {
  test.each(all.filter(({ path }) => path.includes('/workarounds/')))(
    '$path names its reason',
    ({ text }) => {
      const [header = ''] = text.split(' */');
      for (const label of ['Upstream', 'Without it', 'Test', 'Remove it when']) {
        expect(header).toContain(` * ${label}: `);
      }
      const [, test = ''] = / \* Test: (\S+)/.exec(header) ?? [];
      expect(existsSync(join(root, test)), test).toBe(true);
    },
  );
});

describe('global state is used in few places', () => {
  // Entries of threads and scripts of pages are runtimes of their own; the client runs in either.
  const mayTouch = (file: SourceFile) =>
    isRuntime(file) ||
    /-(?:thread|script)\.ts$|^src\/split\/system-clock\.ts$|^src\/client\//.test(file.path);
  // A crowd measures the latency of answers.
  const isCrowd = (file: SourceFile) => inFolder('src/crowd')(file) || inFolder('src/load-test')(file);
  test.each([
    [
      'clocks',
      /\b(?:Date\.now|performance\.now|new Date\(\)|setTimeout|setInterval|setImmediate)\b/,
      isCrowd,
    ],
    ['environment and signals', /\bprocess\.(?:env|on|exit|argv|stdout|stderr)\b/, () => false],
  ])('%s', (_, pattern, isExcepted) => {
    const others = src.filter((file) => !mayTouch(file) && !isExcepted(file));
    expect(paths(others.filter((file) => pattern.test(file.text)))).toEqual([]);
  });

  test('@hono/node-server is loaded by node.ts only, because it replaces the global Response', () => {
    const users = src.filter((file) => file.imports.includes('@hono/node-server'));
    expect(paths(users)).toEqual(['src/runtime/node.ts']);
  });
});

describe('every file', () => {
  test('starts with a sentence on its purpose', () => {
    expect(paths(all.filter((file) => !/^(?:#!.*\n)?\/\*\*\n? ?\*? ?[A-Z`/]/.test(file.text)))).toEqual([]);
  });

  test('has a specific name', () => {
    const vague = /(?:^|[/.-])(?:utils?|helpers?|misc|common|services?|lib|index|manager)(?:[/.-]|$)/;
    expect(paths(all.filter((file) => vague.test(file.path)))).toEqual([]);
  });

  test('has at most 260 lines', () => {
    const linesMax = 260;
    expect(paths(all.filter((file) => file.lines.length > linesMax))).toEqual([]);
  });

  test('re-exports nothing', () => {
    // Except the entries of a Worker and of the library, where the platform and the users look.
    const isEntry = ({ path }: SourceFile) =>
      /(?:^src\/edge\/|\/faulty-)worker\.ts$|^src\/split\/open-split\.ts$/.test(path);
    const reexporting = all.filter((file) => /^export (?:\*|\{[^}]*\}) from /m.test(file.text));
    expect(paths(reexporting.filter((file) => !isEntry(file)))).toEqual([]);
  });

  test('compares an audited schema with the migrations: `vitest -u` renews its digests', async () => {
    using store = new ScratchStore();
    const digests = `${JSON.stringify(digestsOf(rowsOf(store.reader)), null, 2)}\n`;
    await expect(digests).toMatchFileSnapshot('../../../src/database/audit/schema-digests.json');
  });

  test('has no to-do comments', () => {
    const later = new RegExp(`\\b(?:${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|X{3})\\b`);
    expect(paths(all.filter((file) => later.test(file.text)))).toEqual([]);
  });

  test('suppresses a rule only with a reason', () => {
    const bare =
      /@ts-(?:ignore|nocheck)|@ts-expect-error\s*$|biome-ignore [^:]*$|\b(?:test|it|describe)\.(?:only|todo)\(/m;
    expect(
      paths(all.filter((file) => file.path !== 'test/unit/repository/tidy.test.ts' && bare.test(file.text))),
    ).toEqual([]);
  });
});

describe('text is plain English', () => {
  test.each(plainFolders)('in %s', (folder) => {
    const files = all.filter(inFolder(folder));
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap(({ path, lines }) => wordingFaults(path, lines))).toEqual([]);
  });

  test.each([
    ['// Nobody hears of it.', 2],
    ["  detail: 'He comes in anew.',", 2],
    ['/** Of JSON answers. */', 1],
    [`// ${'word '.repeat(20)}`, 1],
    ['/** Rejects a request without a token. */', 0],
  ])('not in %j', (line, faults) => {
    expect(wordingFaults('src/app.ts', [line])).toHaveLength(faults);
  });

  test('in the names and notes of patch files', () => {
    // The other lines quote tests.
    const quotes = /^(?:Class|Test|Caught by|Failure): /;
    const faults = patchFiles().flatMap((path) => {
      const { header } = splitPatch(readFileSync(join(root, path), 'utf8'));
      const lines = header.split('\n').filter((line) => !quotes.test(line));
      return wordingFaults(
        path,
        lines.map((line) => `// ${line}`),
      );
    });
    expect(faults).toEqual([]);
  });

  test('in comments and titles of tests, but not in their data', () => {
    const data = ["const heard = 'nobody';", 'expect(', "  'told',", ');'];
    const comment = '// Nobody hears of it.';
    expect(wordingFaults('test/unit/a.ts', [comment, ...data])).toHaveLength(2);
    const titles = ["  test('is told', () => {", 'test.each([])(', "  'writes %s anew',", '  async () => {'];
    expect(wordingFaults('test/unit/a.ts', [...titles, ...data])).toHaveLength(2);
  });
});
