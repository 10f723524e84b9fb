/**
 * `npm run build:server`: bundles the server of this checkout, which then starts and idles with
 * less. With `--if-missing` it does nothing if these sources have a bundle.
 */
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { bundleFolder } from '../src/runtime/bundle.mjs';
import { threadEntries } from './thread-entries.ts';

/** A server under way loads its threads' files from its own bundle. */
const KEPT = 3;
// Packages in CommonJS call `require`; the other name is free in every file.
const requireFunction = `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta.url);`;

async function buildInto(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(join(dirname(folder), 'unfinished-'));
  await build({
    entryPoints: ['src/runtime/start.ts', ...threadEntries],
    outdir: unfinished,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.18',
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    // It finds its native code next to its own files.
    external: ['better-sqlite3'],
    banner: { js: requireFunction },
    logLevel: 'warning',
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

/** Removes older bundles, such as those of earlier versions. */
function removeOthers(folder: string): void {
  const ages = globSync(join(dirname(folder), '*')).map((path) => ({ path, ms: statSync(path).mtimeMs }));
  const oldest = ages.sort((one, other) => other.ms - one.ms).slice(KEPT);
  for (const { path } of oldest) rmSync(path, { recursive: true, force: true });
}

const folder = bundleFolder();
if (!process.argv.includes('--if-missing') || !existsSync(folder)) {
  await buildInto(folder);
  removeOthers(folder);
}
