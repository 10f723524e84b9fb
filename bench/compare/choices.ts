/** The value of each design choice: this tree with one of them switched off. */
import { rmSync } from 'node:fs';
import { copyPatched, folderForCopy } from '../../test/support/patched-copy.ts';
import type { Contender } from '../rounds/contender.ts';
import { type StampedeSettings, stampede } from '../rounds/stampede.ts';

interface Choice extends Pick<StampedeSettings, 'env' | 'synchronous'> {
  /** Names the replacement. */
  name: string;
  /** Switches the choice off. */
  patch?: string;
}

const choices: readonly Choice[] = [
  { name: 'as it is' },
  { name: 'NORMAL instead of FULL', env: { SYNCHRONOUS: 'NORMAL' }, synchronous: 'NORMAL' },
  { name: 'one purchase per commit', env: { WRITE_BATCH_MAX: '1' } },
  { name: 'the list read from SQLite each time', patch: 'bench/compare/choices/list-from-sqlite.patch' },
  { name: 'a second random index on orders', patch: 'bench/compare/choices/second-random-index.patch' },
  {
    name: "SQLite's own checkpoint, on the writer, at 1,000 pages",
    patch: 'bench/compare/choices/own-checkpoint.patch',
  },
  { name: "SQLite's own cache of 2 MB on the writer", patch: 'bench/compare/choices/small-cache.patch' },
  {
    name: 'structured clones instead of JSON between threads',
    patch: 'bench/compare/choices/structured-clones.patch',
  },
];

/** Returns the contenders, the unchanged tree first; `remove` deletes their copies. */
export function contendersOfChoices(stock: number): { contenders: Contender[]; remove: () => void } {
  const folders: string[] = [];
  const contenders = choices.map(({ patch, ...choice }) => {
    if (!patch) return stampede({ ...choice, runtime: 'node', stock });
    const folder = folderForCopy();
    folders.push(folder);
    copyPatched(folder, ['src', 'drizzle', 'package.json'], [patch]);
    return stampede({ ...choice, runtime: 'node', stock, root: folder });
  });
  return {
    contenders,
    remove: () => {
      for (const folder of folders) rmSync(folder, { recursive: true });
    },
  };
}
