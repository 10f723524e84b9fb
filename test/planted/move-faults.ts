/** Faults of a drop that moves, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const exporting = 'src/database/move/export-drop.ts';

export const moveFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'a refund that moved is made again under another key',
    patches: [
      { file: exporting, search: "if (table === 'refunds') row[keyPlaceColumn] ??= place;", replace: '' },
    ],
    tests: ['test/unit/moved-refund.test.ts'],
    caughtBy: 'is paid once, under the same key',
  },
  {
    class: 'edge runtime',
    name: 'a report about a refund of another place is taken for ours',
    patches: [
      {
        file: 'src/database/apply/movement.ts',
        search: 'refund?.keyPlace === keyPlace',
        replace: 'refund',
      },
    ],
    tests: ['test/unit/moved-refund.test.ts'],
    caughtBy: 'is paid once, under the same key',
  },
  ...(
    [
      ['an open hold', "status = 'held'"],
      ['an open checkout', 'closed_at is null'],
      ['a pending refund', "status = 'pending'"],
    ] as const
  ).map(
    ([what, search]): Fault => ({
      class: 'edge runtime',
      name: `a drop moves with ${what}`,
      patches: [{ file: exporting, search, replace: '0' }],
      tests: ['test/unit/moved-refund.test.ts'],
      caughtBy: 'a drop is refused with',
    }),
  ),
  {
    class: 'edge runtime',
    name: 'two shards of a drop give their orders the same numbers',
    patches: [
      {
        file: 'src/database/apply/new-keys.ts',
        search: 'lanes === 1 ? everyKey : { step: LANES_MAX, first: lane }',
        replace: 'lanes === lane ? { step: LANES_MAX, first: lane } : everyKey',
      },
    ],
    tests: ['test/unit/new-keys.test.ts'],
    caughtBy: 'the keys of the shards of a drop are never the same',
  },
  {
    class: 'edge runtime',
    name: 'a key beyond its range gets the number of another order',
    patches: [
      {
        file: 'src/ids.ts',
        search: "        throw new RangeError('The key is out of range.');\n",
        replace: '        number = Math.abs(number) % (size * size);\n',
      },
    ],
    tests: ['test/unit/ids.test.ts'],
    caughtBy: 'out of range|which another key would share',
  },
];
