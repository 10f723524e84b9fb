/** Faults of the creation of a drop at the edge, each with the tests in workerd that must notice it. */
import type { Fault } from './fault.ts';

const creation = 'src/runtime/edge/creation.ts';
const tests = ['test/edge/creation.test.ts'];
const lanes = ['test/edge/lanes.test.ts'];
const faults = ['test/edge/faults.test.ts'];

export const creationFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'another request finishes a drop that was cut off half-made',
    patches: [
      {
        file: 'src/database/edge/catalogue.ts',
        search: 'known.told !== null || known.request !== request',
        replace: 'known.told !== null',
      },
    ],
    tests: lanes,
    caughtBy: 'cut off',
  },
  {
    class: 'edge runtime',
    name: 'a lane that is made already keeps its drop half-made',
    patches: [
      {
        file: creation,
        search: 'if (drop) return this.isMadeBy(request) ?',
        replace: 'if (drop) return drop.id < 0 ?',
      },
    ],
    tests: lanes,
    caughtBy: 'cut off',
  },
  {
    class: 'edge runtime',
    name: 'a half-made drop is listed with the units of the lanes that it has',
    patches: [
      {
        file: 'src/database/edge/catalogue.ts',
        search: 'first && laneOf(first.id) === 0 ? [',
        replace: 'first ? [',
      },
    ],
    tests: lanes,
    caughtBy: 'cut off',
  },
  {
    class: 'edge runtime',
    name: 'a lane sells before the first one is made',
    patches: [
      {
        file: creation,
        search: 'if (this.#isComplete) return true;',
        replace: 'if (this.#deps.place > 0) return true;',
      },
    ],
    tests,
    caughtBy: 'after lane 2 of 3',
  },
  {
    class: 'edge runtime',
    name: 'the first lane is made while the catalogue does not know another one',
    patches: [
      {
        file: 'src/runtime/edge/drop-maker.ts',
        search: 'if (lane > 0 && !created.isListed)',
        replace: 'if (lane < 0 && !created.isListed)',
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
        search: 'if (drop) return this.isMadeBy(request) ?',
        replace: 'if (drop) return drop.id > 0 ?',
      },
    ],
    tests: faults,
    caughtBy: 'that has lost its newest drop',
  },
];
