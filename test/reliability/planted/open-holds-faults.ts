/** Faults in what the writer keeps of open holds in memory: its cost, its bounds, and the bound of an address. */
import type { Fault } from './fault.ts';

export const openHoldsFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'each shard lets an address have the least of a whole drop',
    patches: [
      {
        file: 'src/domain/client-limits.ts',
        search: 'Math.ceil((set ?? Math.max(least, usual)) / shards)',
        replace: 'Math.max(set === null ? least : 1, Math.ceil((set ?? usual) / shards))',
      },
    ],
    tests: ['test/edge/unpaid-units.test.ts'],
    caughtBy: 'shards share what an address may hold of a small drop',
  },
  {
    class: 'hostile requests and clients',
    name: 'one address may have a tiny drop on hold',
    patches: [
      {
        file: 'src/domain/client-limits.ts',
        search: 'Math.min(UNPAID_UNITS_MIN, stock / 2)',
        replace: 'UNPAID_UNITS_MIN',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'an address may hold 5',
  },
  {
    class: 'overload',
    name: 'a new hold looks past every one that has ended',
    patches: [
      {
        file: 'src/commands/open-holds.ts',
        search: 'this.#walk.next()',
        replace: 'this.#byOrder.entries().next()',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'cost a new one no more',
  },
  {
    class: 'overload',
    name: 'an address that has ended a hold is remembered for ever',
    patches: [
      {
        file: 'src/commands/open-holds.ts',
        search: 'if (this.#records.size >= LAPSES_KEPT_MAX / 2) {',
        replace: 'if (this.#records.size < 0) {',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'cost as little where more addresses',
  },
  {
    class: 'stock, limits and money',
    name: 'a hold that another process has released counts for ever',
    patches: [{ file: 'src/commands/open-holds.ts', search: 'this.#endStale(now);', replace: '' }],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'forget those that another process',
  },
];
