/** Faults of what an operator asks about one customer at the edge, each with the test in workerd that must notice it. */
import type { Fault } from './fault.ts';

const customers = ['test/edge/customers.test.ts'];
const deletion = 'src/edge/front/customer-deletion.ts';

export const customerFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'a deletion believes the index',
    patches: [
      {
        file: deletion,
        search: 'new Set([...likely, ...(await index.everyShardId())])',
        replace: 'new Set(likely)',
      },
    ],
    tests: customers,
    caughtBy: 'lags for longer than a list waits',
  },
  {
    class: 'edge runtime',
    name: 'a list by customer believes the index of a drop that still sells',
    patches: [
      {
        file: 'src/edge/customer-shards.ts',
        search: ' is null or ',
        replace: ' is 0 and ',
      },
    ],
    tests: customers,
    caughtBy: 'has not heard of the order',
  },
  {
    class: 'edge runtime',
    name: 'a list by customer asks every object',
    patches: [
      {
        file: 'src/edge/front/operator-routes.ts',
        search: 'if (email === undefined) return shardIdsOf(c);',
        replace: 'if (email !== cursor) return shardIdsOf(c);',
      },
    ],
    tests: customers,
    caughtBy: 'is found through the index',
  },
  {
    class: 'edge runtime',
    name: 'a deletion calls itself complete although an object did not answer',
    patches: [
      {
        file: deletion,
        search: 'if (left.length === 0) return this.#counted(done);',
        replace: 'if (left.length >= 0) return this.#counted(done);',
      },
    ],
    tests: customers,
    caughtBy: 'an object that is away',
  },
  {
    class: 'edge runtime',
    name: 'a deletion begins anew with every request',
    patches: [
      {
        file: deletion,
        search: '(left.length > 0 ? left : every)',
        replace: 'every',
      },
    ],
    tests: customers,
    caughtBy: 'over several requests',
  },
  {
    class: 'edge runtime',
    name: 'an object does not tell the index of its customers',
    patches: [
      {
        file: 'src/edge/object/work.ts',
        search: 'if (drop) await this.#customers.report(catalogue);',
        replace: '',
      },
    ],
    tests: customers,
    caughtBy: 'keyed hash alone',
  },
  {
    class: 'edge runtime',
    name: 'a page over many objects drops what it has no room for',
    patches: [
      {
        file: 'src/edge/front/across-drops.ts',
        search: "if (name === 'orders' && (page[name] as unknown[]).length > room) {",
        replace: "if (name === 'orders' && room < 0) {",
      },
      {
        file: 'src/edge/front/across-drops.ts',
        search: 'found.push(...(page[name] as unknown[]));',
        replace: 'found.push(...(page[name] as unknown[]).slice(0, room));',
      },
    ],
    tests: customers,
    caughtBy: 'a page at a time over many objects',
  },
];
