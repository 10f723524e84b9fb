/** Builds the Worker once before the tests that run it: the very bundle that a deployment would upload. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './server-process.ts';

/** Outside of the checkout: patched copies of it share their dependencies with it, and must not share this. */
const folderFor = (purpose: string): string => join(process.env.STAMPEDE_BUNDLES ?? tmpdir(), purpose);

/** Where the servers under test find it. */
export const workerBundle = folderFor('worker');

/** Runs `wrangler deploy --dry-run`, which needs no network; returns the folder with its output. */
export function buildWorker(purpose = 'worker', config = join(root, 'wrangler.toml')): string {
  const folder = folderFor(purpose);
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/wrangler/bin/wrangler.js'),
      'deploy',
      '--dry-run',
      // The top-level environment, named: without it wrangler warns that it has to guess among several.
      '--env=',
      '--config',
      config,
      '--outdir',
      folder,
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' } },
  );
  return folder;
}

/** For vitest, before its tests and after them. */
export const setup = (): void => {
  buildWorker();
};
export const teardown = (): void => {
  rmSync(workerBundle, { recursive: true, force: true });
};
