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
    caughtBy: 'on node an address gets as many units a minute',
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
    caughtBy: 'on node a customer who used a whole quota',
  },
  {
    class: 'stock, limits and money',
    name: 'a retry is refused where no units are left',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: 'return findReplay(request) ?? admitted;',
        replace: 'return admitted;',
      },
    ],
    tests: ['test/contract/unit-quotas.test.ts'],
    caughtBy: 'on node an address gets as many units a minute',
  },
  {
    class: 'overload',
    name: 'units that were not had are counted',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: "if (outcome.kind !== 'held' || outcome.replayed) admitted();",
        replace: '',
      },
    ],
    tests: ['test/contract/unit-quotas.test.ts'],
    caughtBy: 'on node a refused purchase and a retry',
  },
  {
    class: 'hostile requests and clients',
    name: 'one address may have a whole drop on hold',
    patches: [
      {
        file: 'src/commands/open-holds.ts',
        search: 'return units === 0 || units + of.quantity <= unitsMax ? null : { units, until };',
        replace: 'return null;',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'has so many units on hold and no more',
  },
  {
    class: 'hostile requests and clients',
    name: 'the writer does not learn where a purchase comes from',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: '...(rateLimits && { client: rateLimits.clientOf(c, drop) }),',
        replace: '',
      },
    ],
    tests: ['test/contract/unpaid-units.test.ts'],
    caughtBy: 'on node are a fifth of a small drop',
  },
  {
    class: 'stock, limits and money',
    name: 'units that are paid still count as unpaid',
    patches: [
      {
        file: 'src/commands/payment.ts',
        search: "journal.openHolds.end(order.id, 'paid');",
        replace: '',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is free again for what is paid',
  },
  {
    class: 'stock, limits and money',
    name: 'units that were released still count as unpaid',
    patches: [
      {
        file: 'src/commands/release.ts',
        search: "journal.openHolds.end(order.id, 'lapsed');",
        replace: '',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is free again for what is paid',
  },
  {
    class: 'stock, limits and money',
    name: 'a batch that is rolled back charges the address',
    patches: [
      {
        file: 'src/split/group-commit.ts',
        search: '    inScope(now, (scope) =>\n      commitBy(',
        replace: '    ((_, work) => work(commands.begin(now)))(now, (scope) =>\n      commitBy(',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is not charged for what was rolled back',
  },
  {
    class: 'stock, limits and money',
    name: 'a command that fails alone charges the address',
    patches: [
      {
        file: 'src/split/group-commit.ts',
        search: '      inScope(now, (scope) => {\n        scope.reload();',
        replace: '      ((_, work) => work(commands.begin(now)))(now, (scope) => {\n        scope.reload();',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is not charged for what was rolled back',
  },
  {
    class: 'edge runtime',
    name: 'an eviction forgets what an address has on hold',
    patches: [
      {
        file: 'src/edge/object/committer.ts',
        search: 'new OpenHolds(keptHolds(storage))',
        replace: 'new OpenHolds()',
      },
    ],
    tests: ['test/edge/unpaid-units.test.ts'],
    caughtBy: 'an evicted object still knows',
  },
  {
    class: 'edge runtime',
    name: 'each shard lets an address have what the whole drop allows',
    patches: [
      {
        file: 'src/domain/client-limits.ts',
        search: 'Math.ceil((set ?? Math.max(least, usual)) / shards)',
        replace: 'Math.ceil(set ?? Math.max(least, usual))',
      },
    ],
    tests: ['test/edge/unpaid-units.test.ts'],
    caughtBy: 'shards share what an address may hold',
  },
  {
    class: 'hostile requests and clients',
    name: 'a hold that is over counts until the sweep',
    patches: [
      {
        file: 'src/commands/open-holds.ts',
        search: 'if (expiresAt <= now) continue;',
        replace: '',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is free again for what is paid',
  },
  {
    class: 'stock, limits and money',
    name: 'a customer whose hold expired holds as long again',
    patches: [
      {
        file: 'src/commands/hold.ts',
        search: 'history.lapsed > 0',
        replace: 'history.lapsed < 0',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is half as long for the customer',
  },
  {
    class: 'stock, limits and money',
    name: 'holds are shortened without limits, too',
    patches: [{ file: 'src/commands/hold.ts', search: 'client !== undefined &&', replace: '' }],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is half as long for the customer',
  },
  {
    class: 'stock, limits and money',
    name: 'an address that pays for nothing holds as long again',
    patches: [
      {
        file: 'src/commands/open-holds.ts',
        search: 'return lapsed >= LAPSED_UNITS_MIN && lapsed > paid;',
        replace: 'return false;',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is half as long for an address',
  },
  {
    class: 'stock, limits and money',
    name: 'one unpaid unit shortens the holds of a school',
    patches: [
      {
        file: 'src/commands/open-holds.ts',
        search: 'lapsed >= LAPSED_UNITS_MIN && lapsed > paid',
        replace: 'lapsed > paid',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is half as long for an address',
  },
  {
    class: 'stock, limits and money',
    name: 'an address that pays is remembered for what it did not pay',
    patches: [
      {
        file: 'src/commands/open-holds.ts',
        search: 'lapsed >= LAPSED_UNITS_MIN && lapsed > paid',
        replace: 'lapsed >= LAPSED_UNITS_MIN',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is half as long for an address',
  },
  {
    class: 'stock, limits and money',
    name: 'a release that is rolled back counts as unpaid',
    patches: [
      {
        file: 'src/commands/open-holds.ts',
        search: 'this.#count(hold, kind, -hold.quantity);',
        replace: '',
      },
    ],
    tests: ['test/unit/commands/open-holds.test.ts'],
    caughtBy: 'is not charged for what was rolled back',
  },
];
