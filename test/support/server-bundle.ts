/** Bundles the server once before the tests that run it, as a deployment does. */
import { execFileSync } from 'node:child_process';
import { root } from './server-process.ts';

export const setup = (): void => {
  execFileSync(process.execPath, ['build/server.ts', '--if-missing'], { cwd: root });
};
