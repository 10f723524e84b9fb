/** Names the source that runs. */
import { execFileSync } from 'node:child_process';
import { root } from '../support/server-process.ts';

/** The commit that runs, with a mark where the source differs; `unknown` outside of a clone. */
export function readCommit(): string {
  const git = (...words: string[]): string =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git(
      'status',
      '--porcelain',
      '--',
      ...['src', 'test', 'bench', 'drizzle', 'package-lock.json', 'vitest.config.ts'],
    );
    return `${git('rev-parse', '--short=10', 'HEAD')}${changed === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}
