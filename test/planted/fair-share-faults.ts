/** What keeps one client from having what is meant for all, each guard removed once, with the test that must notice it. */
import type { Fault } from './fault.ts';

export const fairShareFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'a purchase of many units counts as one',
    patches: [
      { file: 'src/http/rate-limits.ts', search: 'const more = quantity - 1;', replace: 'const more = 0;' },
    ],
    tests: ['test/contract/unit-quotas.test.ts'],
    caughtBy: 'on node an address has as many units a minute',
  },
  {
    class: 'hostile requests and clients',
    name: 'a customer at many addresses has the units of each',
    patches: [
      {
        file: 'src/http/rate-limits.ts',
        search: 'take(customerUnits, customer, ofCustomer)',
        replace: 'take(customerUnits, null, ofCustomer)',
      },
    ],
    tests: ['test/contract/unit-quotas.test.ts'],
    caughtBy: 'on node a customer who took a whole quota',
  },
  {
    class: 'stock, limits and money',
    name: 'a retry is refused where no units are left',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: 'return findReplay(request) ?? giveBack;',
        replace: 'return giveBack;',
      },
    ],
    tests: ['test/contract/unit-quotas.test.ts'],
    caughtBy: 'on node an address has as many units a minute',
  },
  {
    class: 'overload',
    name: 'units that were not had are counted',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: "if (outcome.kind !== 'held' || outcome.replayed) giveBack?.();",
        replace: '',
      },
    ],
    tests: ['test/contract/unit-quotas.test.ts'],
    caughtBy: 'on node a purchase that is refused, and a retry',
  },
];
