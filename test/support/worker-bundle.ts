/** Builds the Worker once before the tests that run it: the bundle that a deployment uploads. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './server-process.ts';

/** Outside of the checkout: patched copies share its dependencies, and must not share this. */
const folderFor = (purpose: string): string => join(process.env.STAMPEDE_BUNDLES ?? tmpdir(), purpose);

/** The folder in which the servers under test find the bundle. */
export const workerBundle = folderFor('worker');

/** Runs `wrangler deploy --dry-run`, which needs no network; returns the output folder. */
export function buildWorker(purpose = 'worker', config = join(root, 'wrangler.toml')): string {
  const folder = folderFor(purpose);
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/wrangler/bin/wrangler.js'),
      'deploy',
      '--dry-run',
      // The top-level environment, by name: without it wrangler warns that several exist.
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

/** Builds before vitest's tests and cleans up after them. */
export const setup = (): void => {
  buildWorker();
};
export const teardown = (): void => {
  rmSync(workerBundle, { recursive: true, force: true });
};
