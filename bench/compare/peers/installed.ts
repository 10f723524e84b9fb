/** Whether a peer's programs are on the path. */
import { execFileSync } from 'node:child_process';

/** Runs each program once, to print its version. */
export function areInstalled(...programs: string[]): boolean {
  try {
    for (const program of programs) execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
