/** Faults of a server that is asked for more than it can do that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const writerQueue = 'src/split/writer-queue.ts';
const queue = ['test/unit/split/writer-queue.test.ts'];

export const overloadFaults: readonly Fault[] = [
  {
    class: 'overload',
    name: 'payments wait behind purchases',
    patches: [
      {
        file: 'src/domain/priority.ts',
        search: "['payments', 'releases', 'operator', 'holds', 'links'] as const",
        replace: "['holds', 'releases', 'operator', 'payments', 'links'] as const",
      },
    ],
    tests: queue,
    caughtBy: 'money goes first',
  },
  {
    class: 'overload',
    name: 'the depth of the queue has another label than documented',
    patches: [
      {
        file: 'src/http/metrics.ts',
        search: 'labels: { priority }, value',
        replace: 'labels: { shard: priority }, value',
      },
    ],
    tests: ['test/unit/repository/alerts.test.ts'],
    caughtBy: 'metrics carry the labels that the operations page names',
  },
  {
    class: 'overload',
    name: 'requests for lost links go before purchases',
    patches: [
      {
        file: 'src/domain/priority.ts',
        search: "requestLinks: 'links'",
        replace: "requestLinks: 'operator'",
      },
    ],
    tests: queue,
    caughtBy: 'money goes first',
  },
  {
    class: 'overload',
    name: 'a queue takes whoever comes',
    patches: [
      {
        file: writerQueue,
        search: 'return this.#at(priority).length >= this.#settings.queueMax;',
        replace: 'return this.#at(priority).length < 0;',
      },
    ],
    tests: queue,
    caughtBy: 'each shard has its own bound',
  },
  {
    class: 'overload',
    name: 'who is turned away asks again within the same turn',
    patches: [
      {
        file: 'src/http/admission.ts',
        search: "answer: () => resolve(refuse({ kind: 'overloaded', retryAfterSeconds: 1 })),\n      });",
        replace:
          "answer: () => undefined });\n      resolve(refuse({ kind: 'overloaded', retryAfterSeconds: 1 }));",
      },
    ],
    tests: ['test/unit/http/admission.test.ts'],
    caughtBy: 'in the turn that read',
  },
  {
    class: 'overload',
    name: 'whoever is turned away is read first',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: '    if (turnedAway) return turnedAway;\n',
        replace: '',
      },
    ],
    tests: ['test/unit/http/admission.test.ts'],
    caughtBy: 'is turned away is not read',
  },
  {
    class: 'overload',
    name: 'the writer waits for the end of a turn that has none',
    patches: [
      {
        file: writerQueue,
        search:
          'if (this.#isPostScheduled && this.#clock.monotonicMs() >= this.#turnOverMs) this.#postNext();',
        replace: '',
      },
    ],
    tests: queue,
    caughtBy: 'a turn that does not end',
  },
  {
    class: 'overload',
    name: 'newcomers are accepted one by one',
    patches: [
      {
        file: 'src/runtime/node.ts',
        search: 'const LISTENING_SOCKETS = 128;',
        replace: 'const LISTENING_SOCKETS = 1;',
      },
    ],
    tests: ['test/unit/repository/newcomers.test.ts'],
    caughtBy: 'newcomers wait for few turns',
  },
  {
    class: 'overload',
    name: 'whatever a listener of live stock does not take is kept for him',
    patches: [
      {
        file: 'src/http/live-stock.ts',
        search: 'if ((listener.desiredSize ?? 0) <= 0) {',
        replace: 'if (listener.desiredSize === null) {',
      },
    ],
    tests: ['test/unit/http/live-stock.test.ts'],
    caughtBy: 'a listener that reads nothing',
  },
  {
    class: 'rolling restarts and upgrades',
    name: 'a stop leaves the streams of live stock to its deadline',
    patches: [
      {
        file: 'src/http/live-stock.ts',
        search: 'if (isStopping() || !drop) {',
        replace: 'if ((isStopping() && dropId < 0) || !drop) {',
      },
    ],
    tests: ['test/contract/live-stock.test.ts'],
    caughtBy: 'on node finishes each stream itself',
  },
];
