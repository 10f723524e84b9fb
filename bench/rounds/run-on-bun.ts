/** Runs one of our programs on Bun, which is a development dependency. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './server.ts';

/** Returns the exit code. */
export function runOnBun(program: string, args: readonly string[]): number {
  const bun = join(root, 'node_modules', '.bin', 'bun');
  return spawnSync(bun, [program, ...args], { stdio: 'inherit' }).status ?? 1;
}
