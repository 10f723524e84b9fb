/** Faults in what the writer keeps of open holds in memory: its cost, and that it is bounded. */
import type { Fault } from './fault.ts';

export const openHoldsFaults: readonly Fault[] = [
  {
    class: 'overload',
    name: 'a new hold looks past every one that has ended',
    patches: [
      {
        file: 'src/database/apply/open-holds.ts',
        search: 'this.#walk.next()',
        replace: 'this.#byOrder.entries().next()',
      },
    ],
    tests: ['test/unit/open-holds.test.ts'],
    caughtBy: 'cost a new one no more',
  },
  {
    class: 'overload',
    name: 'an address that has ended a hold is remembered for ever',
    patches: [
      {
        file: 'src/database/apply/open-holds.ts',
        search: 'if (this.#records.size >= LAPSES_KEPT_MAX / 2) {',
        replace: 'if (this.#records.size < 0) {',
      },
    ],
    tests: ['test/unit/open-holds.test.ts'],
    caughtBy: 'cost as little where more addresses',
  },
  {
    class: 'stock, limits and money',
    name: 'a hold that another process has released counts for ever',
    patches: [{ file: 'src/database/apply/open-holds.ts', search: 'this.#endStale(now);', replace: '' }],
    tests: ['test/unit/open-holds.test.ts'],
    caughtBy: 'forget those that another process',
  },
];
