/** The value of each design choice: this tree with one of them switched off. */
import { rmSync } from 'node:fs';
import { copyPatched, folderForCopy, type Patch } from '../../test/support/patched-copy.ts';
import type { Contender } from '../rounds/contender.ts';
import { type StampedeSettings, stampede } from '../rounds/stampede.ts';

interface Choice extends Pick<StampedeSettings, 'env' | 'synchronous'> {
  /** Names the replacement. */
  name: string;
  patches?: readonly Patch[];
}

const store = 'src/database/sqlite/open-database.ts';

export const choices: readonly Choice[] = [
  { name: 'as it is' },
  { name: 'NORMAL instead of FULL', env: { SYNCHRONOUS: 'NORMAL' }, synchronous: 'NORMAL' },
  { name: 'one purchase per commit', env: { WRITE_BATCH_MAX: '1' } },
  {
    name: 'the list read from SQLite each time',
    patches: [
      {
        file: store,
        search: "import { type Presentation, Snapshot } from '../snapshot.ts';\n",
        replace: `import { type Presentation, Snapshot } from '../snapshot.ts';
import { readDrops } from '../../commands/drop.ts';
`,
      },
      {
        file: store,
        search: '  const tallies = new KeptTallies(',
        replace: `  const listPage = snapshot.listPage.bind(snapshot);
  snapshot.listPage = (phase, now) => {
    snapshot.apply({ kind: 'catalogue', drops: readDrops(handle) });
    return listPage(phase, now);
  };
  const tallies = new KeptTallies(`,
      },
    ],
  },
  {
    name: 'a second random index on orders',
    patches: [
      {
        file: 'drizzle/migrations/0000_spine.sql',
        search: 'CREATE INDEX `orders_drop`',
        replace:
          'CREATE INDEX `orders_fingerprint` ON `orders` (`fingerprint`);--> statement-breakpoint\nCREATE INDEX `orders_drop`',
      },
    ],
  },
  {
    name: "SQLite's own checkpoint, on the writer, at 1,000 pages",
    patches: [
      {
        file: 'src/split/connection.ts',
        search: "same('wal_autocheckpoint', 0)",
        replace: "same('wal_autocheckpoint', 1000)",
      },
      {
        file: 'src/split/checkpoint.ts',
        search: 'if (isCopying || ',
        replace: 'if (pages >= 0 || ',
      },
    ],
  },
  {
    name: "SQLite's own cache of 2 MB on the writer",
    patches: [
      {
        file: 'src/split/limits.ts',
        search: 'WRITER_CACHE_KIB = 65_536',
        replace: 'WRITER_CACHE_KIB = 2_000',
      },
    ],
  },
  {
    name: 'structured clones instead of JSON between threads',
    patches: [
      {
        file: 'src/split/writer-protocol.ts',
        search: '  holdsValues(message) ? message : JSON.stringify(message);',
        replace: '  message;',
      },
    ],
  },
];

/** Returns the contenders, the unchanged tree first; `remove` deletes their copies. */
export function contendersOfChoices(stock: number): { contenders: Contender[]; remove: () => void } {
  const folders: string[] = [];
  const contenders = choices.map(({ patches, ...choice }) => {
    if (!patches) return stampede({ ...choice, runtime: 'node', stock });
    const folder = folderForCopy();
    folders.push(folder);
    copyPatched(folder, ['src', 'drizzle', 'package.json'], patches);
    return stampede({ ...choice, runtime: 'node', stock, root: folder });
  });
  return {
    contenders,
    remove: () => {
      for (const folder of folders) rmSync(folder, { recursive: true });
    },
  };
}
