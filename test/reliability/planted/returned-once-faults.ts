/** Faults by which the money of one payment goes back twice, or not at all. */
import type { Fault } from './fault.ts';

export const returnedOnceFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'a part that failed to go back takes the order from who paid',
    patches: [
      {
        file: 'src/commands/reported-refund.ts',
        search: "order?.status === 'refunded' && endsOrder",
        replace: "order?.status !== 'refunding' && endsOrder",
      },
    ],
    tests: ['test/unit/commands/returned-once.test.ts'],
    caughtBy: 'a refund of a part that fails leaves the order paid',
  },
  {
    class: 'stock, limits and money',
    name: 'all is owed though a part went back in the dashboard',
    patches: [
      {
        file: 'src/commands/cover-owed.ts',
        search: 'if (excess <= 0) return;',
        replace: 'if (excess !== 0.5) return;',
      },
    ],
    tests: ['test/unit/commands/returned-once.test.ts'],
    caughtBy: 'while this server owes it in one part is owed no more',
  },
  {
    class: 'stock, limits and money',
    name: 'a smaller refund is asked for under the old key',
    patches: [
      {
        file: 'src/commands/refund-statements.ts',
        search: ', keyNumber: nextKeyNumber })',
        replace: ' })',
      },
    ],
    tests: ['test/unit/commands/returned-once.test.ts'],
    caughtBy: 'is asked for with the smaller amount',
  },
  {
    class: 'stock, limits and money',
    name: 'a late word on a failed attempt is believed',
    patches: [
      {
        file: 'src/commands/reported-refund.ts',
        search: 'failedReferences.includes(movement.reference)',
        replace: "failedReferences.includes('')",
      },
    ],
    tests: ['test/unit/commands/returned-once.test.ts'],
    caughtBy: 'a part that failed to go back in the dashboard is still owed',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund that an operator settled goes out twice, and nobody is told',
    patches: [
      {
        file: 'src/commands/reported-refund.ts',
        search: "if (own.status === 'settled' && own.reference === null)",
        replace: "if (own.status === 'pending' && own.reference === '')",
      },
    ],
    tests: ['test/unit/commands/returned-once.test.ts'],
    caughtBy: 'and made by the provider after all is told of',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund goes beside an open dispute',
    patches: [
      {
        file: 'src/domain/order.ts',
        search: "(dispute === 'open' || (dispute === 'lost' && left <= 0))",
        replace: "(dispute === 'lost' && left <= 0)",
      },
    ],
    tests: ['test/unit/commands/disputed-money.test.ts'],
    caughtBy: 'that is open lets no refund go beside it',
  },
  {
    class: 'stock, limits and money',
    name: 'a lost dispute leaves its refund owed',
    patches: [
      {
        file: 'src/commands/dispute.ts',
        search: "if (status === 'lost') coverOwed(paymentId, statements, journal);",
        replace: '',
      },
    ],
    tests: ['test/unit/commands/disputed-money.test.ts'],
    caughtBy: 'that is lost ends a refund that was owed',
  },
  {
    class: 'stock, limits and money',
    name: 'an inquiry that becomes a dispute stays closed',
    patches: [
      {
        file: 'src/commands/dispute.ts',
        search: "(status !== 'open' || known.status === 'won')",
        replace: "status !== 'open'",
      },
    ],
    tests: ['test/unit/commands/disputed-money.test.ts'],
    caughtBy: 'whose inquiry was closed opens again',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund in another currency counts as one of the payment',
    patches: [
      {
        file: 'src/commands/reported-refund.ts',
        search: "if (movement.currency !== currency) return 'contradictory';",
        replace: '',
      },
    ],
    tests: ['test/unit/commands/returned-once.test.ts'],
    caughtBy: 'a refund in another currency is not taken',
  },
  {
    class: 'stock, limits and money',
    name: 'a dispute of money that went back stops the order',
    patches: [
      {
        file: 'src/commands/movement-statements.ts',
        search: "in ('paid_twice', 'wrong_amount')",
        replace: "in ('')",
      },
    ],
    tests: ['test/unit/commands/disputed-money.test.ts'],
    caughtBy: 'of a second payment, which went back, does not stop the order',
  },
];
