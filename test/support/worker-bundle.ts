/** Builds the Worker once before the tests that run it: the very bundle that a deployment would upload. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './server-process.ts';

export const workerBundle = join(root, 'node_modules/.cache/stampede-worker');

/** Runs `wrangler deploy --dry-run`, which needs no network; returns what it printed. */
export function buildWorker(): string {
  return execFileSync(
    process.execPath,
    [join(root, 'node_modules/wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--outdir', workerBundle],
    { cwd: root, encoding: 'utf8', env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' } },
  );
}

/** For vitest. */
export const setup = (): void => {
  buildWorker();
};
