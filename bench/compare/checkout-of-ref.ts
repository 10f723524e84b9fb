/** A temporary checkout of another git ref, with its dependencies. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../rounds/server.ts';

export interface Checkout {
  root: string;
  /** The commit that the ref names. */
  commit: string;
  remove(): void;
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

/** Checks a ref out. Throws if git does not know it. */
export function checkOut(ref: string): Checkout {
  const commit = git('rev-parse', '--short', `${ref}^{commit}`);
  const folder = join(mkdtempSync(join(tmpdir(), 'stampede-ref-')), commit);
  git('worktree', 'add', '--detach', folder, commit);
  const remove = (): void => {
    git('worktree', 'remove', '--force', folder);
    rmSync(join(folder, '..'), { recursive: true, force: true });
  };
  try {
    const lock = (from: string): string => readFileSync(join(from, 'package-lock.json'), 'utf8');
    // Share node_modules if the dependencies are the same.
    if (lock(folder) === lock(root)) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    else execFileSync('npm', ['ci', '--silent'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    remove();
    throw error;
  }
  return { root: folder, commit, remove };
}
