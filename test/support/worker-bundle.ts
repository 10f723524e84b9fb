/** Builds the Worker for the tests that run it: the bundle that a deployment uploads. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { oncePerRun } from './once-per-run.ts';
import { root } from './server-process.ts';

/** Runs `wrangler deploy --dry-run`, which needs no network, into this folder. */
export function buildWorker(folder: string, config = join(root, 'wrangler.toml')): void {
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
}

/** The folder of the bundle, built at the first call of a run. */
export const workerBundle = (): Promise<string> => oncePerRun('worker', (draft) => buildWorker(draft));
