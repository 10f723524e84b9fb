/** Faults of the creation of a drop, most of them at the edge, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const creation = 'src/edge/object/creation.ts';
const tests = ['test/edge/creation.test.ts'];
const keys = ['test/contract/creation-key.test.ts'];
const shards = ['test/edge/shards.test.ts'];
const faults = ['test/edge/faults.test.ts'];

export const creationFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'another request finishes a drop that was cut off half-made',
    patches: [
      {
        file: 'src/edge/catalogue.ts',
        search: 'return known.request === request',
        replace: 'return known.id > 0',
      },
    ],
    tests: shards,
    caughtBy: 'cut off',
  },
  {
    class: 'edge runtime',
    name: 'a shard that is made already keeps its drop half-made',
    patches: [
      {
        file: creation,
        search: 'if (!this.isMadeBy(request)) return {',
        replace: 'if (drop.id > 0) return {',
      },
    ],
    tests: shards,
    caughtBy: 'cut off',
  },
  {
    class: 'edge runtime',
    name: 'a half-made drop is listed with the units of the shards that it has',
    patches: [
      {
        file: 'src/edge/catalogue.ts',
        search: 'first && shardOf(first.id) === 0 ? [',
        replace: 'first ? [',
      },
    ],
    tests: shards,
    caughtBy: 'cut off',
  },
  {
    class: 'edge runtime',
    name: 'a shard sells before the first one is made',
    patches: [
      {
        file: creation,
        search: 'if (this.#isComplete) return true;',
        replace: 'if (this.#deps.shardId > 0) return true;',
      },
    ],
    tests,
    caughtBy: 'after shard 2 of 3',
  },
  {
    class: 'edge runtime',
    name: 'the first shard is made while the catalogue does not know another one',
    patches: [
      {
        file: 'src/edge/object/drop-maker.ts',
        search: 'if (shard > 0 && !isMade',
        replace: 'if (shard < 0 && !isMade',
      },
    ],
    tests,
    caughtBy: 'that the catalogue does not hear of',
  },
  {
    class: 'edge runtime',
    name: 'an object takes every request for the one that made its drop',
    patches: [
      {
        file: creation,
        search: 'if (!this.isMadeBy(request)) return {',
        replace: 'if (drop.id < 0) return {',
      },
    ],
    tests: faults,
    caughtBy: 'that has lost its newest drop',
  },
  {
    class: 'edge runtime',
    name: 'a complete drop at the edge answers no retry of its creation',
    patches: [
      {
        file: 'src/edge/catalogue.ts',
        search: 'return isKeyed(request) ?',
        replace: 'return known.id < 0 ?',
      },
    ],
    tests: keys,
    caughtBy: 'on workerd is answered with the same drop',
  },
  {
    class: 'stock, limits and money',
    name: 'a creation is not repeated by its key',
    patches: [
      {
        file: 'src/http/admin-drops.ts',
        search: 'shards, location, ...once }',
        replace: 'shards, location }',
      },
    ],
    tests: keys,
    caughtBy: 'on node is answered with the same drop',
  },
];
