/** Faults of an object's work beside requests that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const work = 'src/edge/object/work.ts';
const subscriber = 'src/edge/object/subscriber.ts';
const tests = ['test/edge/subscribers.test.ts'];

export const subscriberFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'the catalogue waits for the pause of a failing webhook',
    patches: [
      {
        file: work,
        search: 'Math.max(now + CATALOGUE_DELAY_MS, this.#restsUntil, next);',
        replace:
          'Math.max(now + CATALOGUE_DELAY_MS, this.#restsUntil, next, ...this.#subscribers.map((each) => each.nextAt(0) ?? 0));',
      },
    ],
    tests,
    caughtBy: 'while a webhook fails again and again',
  },
  {
    class: 'edge runtime',
    name: 'the catalogue is told once in an alarm, however long its deliveries take',
    patches: [
      {
        file: work,
        search: 'if (clock.monotonicMs() < reportedMs + CATALOGUE_DELAY_MS) continue;',
        replace: 'continue;',
      },
    ],
    tests,
    caughtBy: 'of a sale that does not pause',
  },
  {
    class: 'edge runtime',
    name: 'an object forgets between two alarms which event a webhook has refused',
    patches: [
      {
        file: subscriber,
        search: 'if (open.length > 0) this.#storage',
        replace: 'if (open.length < 0) this.#storage',
      },
    ],
    tests,
    caughtBy: 'after an event that a webhook refuses',
  },
  {
    class: 'edge runtime',
    name: 'new events wait until a webhook has accepted an older one',
    patches: [
      {
        file: 'src/background/follow.ts',
        search: 'if (!mayReadOn(open.size, readTo - deliveredTo())) return;',
        replace: 'if (open.size > 0) return;',
      },
    ],
    tests,
    caughtBy: 'after an event that a webhook refuses',
  },
  {
    class: 'edge runtime',
    name: 'an operator’s change counts as told by a telling that began before it',
    patches: [{ file: work, search: 'this.#telling && this.#telling.seq < seq', replace: 'false' }],
    tests: ['test/edge/silent-catalogue.test.ts'],
    caughtBy: 'of an operator’s change before the answer',
  },
];
