/** Faults of money that moves outside the product: counted twice, not told, not asked about, or left behind. */
import type { Fault } from './fault.ts';

export const outsideMoneyFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'a refund that Stripe made before is kept without its id',
    patches: [
      {
        file: 'src/payments/stripe-refund.ts',
        search: "return found ? { kind: 'sent', reference: found.id } : { kind: 'sent' };",
        replace: "return found ? { kind: 'sent' } : { kind: 'sent' };",
      },
    ],
    tests: ['test/unit/stripe-refund.test.ts'],
    caughtBy: 'by the refund of this amount that was made in the dashboard',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund that is in the books already is counted again',
    patches: [
      {
        file: 'src/database/apply/reported-refund.ts',
        search: "if (!returned) return 'contradictory';",
        replace:
          "if (movement.kind === 'refund') return recordOutside(movement, payment, statements, journal) > 0 ? 'refund' : 'known';\n  if (!returned) return 'contradictory';",
      },
    ],
    tests: ['test/unit/outside-refund.test.ts'],
    caughtBy: 'in parts, which the provider did not name, counts once',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund that failed unheard is owed although another one returned the money',
    patches: [
      {
        file: 'src/database/apply/reported-refund.ts',
        search: 'if (!own && amount <= unrefunded) {',
        replace: 'if (!own) {',
      },
    ],
    tests: ['test/unit/outside-refund.test.ts'],
    caughtBy: 'that failed and was not heard of owes nothing',
  },
  {
    class: 'stock, limits and money',
    name: 'one refund of the provider ends two of ours',
    patches: [
      {
        file: 'src/database/apply/refund.ts',
        search: 'one.id !== refundId && one.reference === reference',
        replace: 'one.id === refundId && one.reference === reference',
      },
    ],
    tests: ['test/unit/outside-refund.test.ts'],
    caughtBy: 'that is in the books already does not end another one',
    message: 'UNIQUE constraint failed',
  },
  {
    class: 'stock, limits and money',
    name: 'a dispute of money for no order is told to nobody',
    patches: [
      {
        file: 'src/background/outbound-event.ts',
        search: 'const isUnclaimed = orderId === null && kindsOfAnyMoney.has(kind);',
        replace: "const isUnclaimed = kind === 'refund_failed' && orderId === null;",
      },
    ],
    tests: ['test/unit/webhooks.test.ts'],
    caughtBy: 'a dispute and a failed refund of money that belongs to no order are sent',
  },
  {
    class: 'stock, limits and money',
    name: 'a reconciliation at the edge does not ask about money for no order',
    patches: [
      {
        file: 'src/runtime/edge/front.ts',
        search: 'across.sum(await placesOfMoney(c), ()',
        replace: 'across.sum(await placesOf(c), ()',
      },
    ],
    tests: ['test/contract/unclaimed-money.test.ts'],
    caughtBy: 'money for no order, on workerd',
  },
  {
    class: 'stock, limits and money',
    name: 'a payout that failed after its acceptance is taken for sent',
    patches: [
      {
        file: 'src/payments/payos-refund.ts',
        search: "status: error === null ? 'sent' : 'failed'",
        replace: "status: error === '' ? 'failed' : 'sent'",
      },
    ],
    tests: ['test/unit/reconcile-movements.test.ts'],
    caughtBy: 'a payout that payOS could not make after all',
  },
  {
    class: 'stock, limits and money',
    name: 'what was reported before its payment stays behind when its drop moves',
    patches: [
      {
        file: 'src/database/move/export-drop.ts',
        search: "early_movements: '? is not null',",
        replace: "early_movements: '? is null',",
      },
    ],
    tests: ['test/unit/moved-money.test.ts'],
    caughtBy: 'are applied to it at the new place',
  },
  {
    class: 'stock, limits and money',
    name: 'a part that failed to go back takes the order from who paid',
    patches: [
      {
        file: 'src/database/apply/reported-refund.ts',
        search: "order?.status === 'refunded' && endsOrder",
        replace: "order?.status !== 'refunding' && endsOrder",
      },
    ],
    tests: ['test/unit/returned-once.test.ts'],
    caughtBy: 'a refund of a part that fails leaves the order paid',
  },
  {
    class: 'stock, limits and money',
    name: 'all is owed though a part went back in the dashboard',
    patches: [
      {
        file: 'src/database/apply/cover-owed.ts',
        search: 'if (excess <= 0) return;',
        replace: 'if (excess !== 0.5) return;',
      },
    ],
    tests: ['test/unit/returned-once.test.ts'],
    caughtBy: 'while this server owes it in one part is owed no more',
  },
  {
    class: 'stock, limits and money',
    name: 'a smaller refund is asked for under the old key',
    patches: [
      {
        file: 'src/database/apply/refund-statements.ts',
        search: ', keyNumber: nextKeyNumber })',
        replace: ' })',
      },
    ],
    tests: ['test/unit/returned-once.test.ts'],
    caughtBy: 'is asked for with the smaller amount',
  },
  {
    class: 'stock, limits and money',
    name: 'a late word on a failed attempt is believed',
    patches: [
      {
        file: 'src/database/apply/reported-refund.ts',
        search: 'failedReferences.includes(movement.reference)',
        replace: "failedReferences.includes('')",
      },
    ],
    tests: ['test/unit/returned-once.test.ts'],
    caughtBy: 'a part that failed to go back in the dashboard is still owed',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund that an operator settled goes out twice, and nobody is told',
    patches: [
      {
        file: 'src/database/apply/reported-refund.ts',
        search: "if (own.status === 'settled' && own.reference === null)",
        replace: "if (own.status === 'pending' && own.reference === '')",
      },
    ],
    tests: ['test/unit/returned-once.test.ts'],
    caughtBy: 'and made by the provider after all is told of',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund goes beside an open dispute',
    patches: [
      {
        file: 'src/database/apply/refund.ts',
        search: "(dispute === 'open' || isLost)",
        replace: 'isLost',
      },
    ],
    tests: ['test/unit/disputed-money.test.ts'],
    caughtBy: 'that is open lets no refund go beside it',
  },
  {
    class: 'stock, limits and money',
    name: 'a lost dispute leaves its refund owed',
    patches: [
      {
        file: 'src/database/apply/dispute.ts',
        search: "if (status === 'lost') coverOwed(paymentId, statements, journal);",
        replace: '',
      },
    ],
    tests: ['test/unit/disputed-money.test.ts'],
    caughtBy: 'that is lost ends a refund that was owed',
  },
  {
    class: 'stock, limits and money',
    name: 'an inquiry that becomes a dispute stays closed',
    patches: [
      {
        file: 'src/database/apply/dispute.ts',
        search: "(status !== 'open' || known.status === 'won')",
        replace: "status !== 'open'",
      },
    ],
    tests: ['test/unit/disputed-money.test.ts'],
    caughtBy: 'whose inquiry was closed opens again',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund in another currency counts as one of the payment',
    patches: [
      {
        file: 'src/database/apply/reported-refund.ts',
        search: "if (movement.currency !== currency) return 'contradictory';",
        replace: '',
      },
    ],
    tests: ['test/unit/returned-once.test.ts'],
    caughtBy: 'a refund in another currency is not taken',
  },
  {
    class: 'stock, limits and money',
    name: 'a dispute of money that went back stops the order',
    patches: [
      {
        file: 'src/database/apply/movement-statements.ts',
        search: "in ('paid_twice', 'wrong_amount')",
        replace: "in ('')",
      },
    ],
    tests: ['test/unit/disputed-money.test.ts'],
    caughtBy: 'of a second payment, which went back, does not stop the order',
  },
  {
    class: 'stock, limits and money',
    name: 'a payout that payOS answers as failed is taken for sent',
    patches: [
      {
        file: 'src/payments/payos-refund.ts',
        search: 'const lost = whyLost(payout);',
        replace: 'const lost = whyLost({ ...payout, transactions: [] });',
      },
    ],
    tests: ['test/unit/payos-refund.test.ts'],
    caughtBy: 'that payOS answers as failed is not sent',
  },
];
