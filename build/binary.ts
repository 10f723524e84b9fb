/**
 * `npm run build:binary [-- FILE]`, on Bun: builds one executable for this platform, by default
 * `stampede`. It contains Bun, the sources, SQLite, and every file that they read.
 */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { threadEntries } from './thread-entries.ts';

/** The part of Bun that is used here. */
interface Plugin {
  onResolve(
    match: { filter: RegExp },
    resolve: (asked: { path: string }) => { path: string } | undefined,
  ): void;
  onLoad(
    match: { filter: RegExp },
    load: (asked: { path: string }) => { contents: string; loader: string },
  ): void;
}
declare const Bun: {
  build(options: object): Promise<{ success: boolean; logs: readonly unknown[] }>;
  resolveSync(name: string, from: string): string;
};

/**
 * better-sqlite3 finds its native code at run time; each of these entries names it, so that it is
 * embedded.
 */
const isMusl = process.platform === 'linux' && /\/ld-musl-/.test(readFileSync('/proc/self/maps', 'utf8'));
const sqlite = `better-sqlite3/${isMusl ? 'linuxmusl' : process.platform}-${process.arch}`;

const embedding = {
  name: 'embedding',
  setup(plugin: Plugin) {
    plugin.onResolve({ filter: /^better-sqlite3$/ }, () => ({
      path: Bun.resolveSync(sqlite, process.cwd()),
    }));
    // Bundled, as in a Worker.
    plugin.onResolve({ filter: /^\.\/page-files\.ts$/ }, () => ({
      path: resolve('src/edge/page-files.ts'),
    }));
    plugin.onLoad({ filter: /uplot\/dist\/uPlot|\/src\/pages\/assets\// }, ({ path }) => ({
      contents: readFileSync(path, 'utf8'),
      loader: 'text',
    }));
    plugin.onLoad({ filter: /\/drizzle\/migrations\// }, ({ path }) => ({
      contents: readFileSync(path, 'utf8'),
      loader: 'file',
    }));
  },
};

const { success, logs } = await Bun.build({
  entrypoints: [
    'src/runtime/executable.mjs',
    ...threadEntries,
    ...globSync('drizzle/migrations/**/*.{sql,json}', { exclude: ['**/*_snapshot.json'] }),
  ],
  root: '.',
  splitting: true,
  naming: { entry: '[name].[ext]', chunk: '[name]-[hash].[ext]', asset: '[dir]/[name].[ext]' },
  plugins: [embedding],
  // The program reads `.env` itself, as on Node (src/runtime/env-file.mjs).
  compile: { outfile: process.argv[2] ?? 'stampede', autoloadDotenv: false, autoloadBunfig: false },
});
if (!success) throw new AggregateError(logs, 'The executable could not be built.');
