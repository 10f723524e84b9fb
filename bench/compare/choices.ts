/** The value of each design choice: this tree with one of them switched off. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender } from '../rounds/contender.ts';
import { root } from '../rounds/server.ts';
import { type StampedeSettings, stampede } from '../rounds/stampede.ts';

interface Choice extends Pick<StampedeSettings, 'env' | 'synchronous'> {
  /** Names the replacement. */
  name: string;
  /** A file of the folder `choices`. */
  patch?: string;
}

const choices: readonly Choice[] = [
  { name: 'as it is' },
  { name: 'NORMAL instead of FULL', env: { SYNCHRONOUS: 'NORMAL' }, synchronous: 'NORMAL' },
  { name: 'one purchase per commit', env: { WRITE_BATCH_MAX: '1' } },
  { name: 'the list read from SQLite each time', patch: 'list-from-sqlite.patch' },
  { name: 'a second random index on orders', patch: 'second-random-index.patch' },
  {
    name: "SQLite's own checkpoint, on the writer, at 1,000 pages",
    patch: 'own-checkpoint.patch',
  },
  { name: "SQLite's own cache of 2 MB on the writer", patch: 'small-cache.patch' },
  { name: 'structured clones instead of JSON between threads', patch: 'structured-clones.patch' },
];

/** Returns a copy of this checkout with the patch; the caller removes it. */
function patchedCopy(patch: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'stampede-choice-'));
  for (const name of ['src', 'drizzle', 'package.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  // Inside a repository, git would apply the patch to the repository's files.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) };
  const file = fileURLToPath(new URL(`./choices/${patch}`, import.meta.url));
  // `npm run check:patches` checks that each line of it has one place.
  execFileSync('git', ['apply', '--unidiff-zero', file], { cwd: folder, env });
  return folder;
}

/** Returns the contenders, the unchanged tree first; `remove` deletes their copies. */
export function contendersOfChoices(stock: number): { contenders: Contender[]; remove: () => void } {
  const folders: string[] = [];
  const contenders = choices.map(({ patch, ...choice }) => {
    if (patch === undefined) return stampede({ ...choice, runtime: 'node', stock });
    const folder = patchedCopy(patch);
    folders.push(folder);
    return stampede({ ...choice, runtime: 'node', stock, root: folder });
  });
  return {
    contenders,
    remove: () => {
      for (const folder of folders) rmSync(folder, { recursive: true });
    },
  };
}
