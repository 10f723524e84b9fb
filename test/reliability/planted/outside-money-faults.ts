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
    tests: ['test/unit/payments/stripe-refund.test.ts'],
    caughtBy: 'by the refund of this amount that was made in the dashboard',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund that is in the books already is counted again',
    patches: [
      {
        file: 'src/commands/reported-refund.ts',
        search: "if (!returned) return 'contradictory';",
        replace:
          "if (movement.kind === 'refund') return recordOutside(movement, payment, statements, journal) > 0 ? 'refund' : 'known';\n  if (!returned) return 'contradictory';",
      },
    ],
    tests: ['test/unit/commands/outside-refund.test.ts'],
    caughtBy: 'in parts, which the provider did not name, counts once',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund that failed unheard is owed although another one returned the money',
    patches: [
      {
        file: 'src/commands/reported-refund.ts',
        search: 'if (!own && amount <= unrefunded) {',
        replace: 'if (!own) {',
      },
    ],
    tests: ['test/unit/commands/outside-refund.test.ts'],
    caughtBy: 'that failed and was not heard of owes nothing',
  },
  {
    class: 'stock, limits and money',
    name: 'one refund of the provider ends two of ours',
    patches: [
      {
        file: 'src/commands/refund.ts',
        search: 'one.id !== refundId && one.reference === reference',
        replace: 'one.id === refundId && one.reference === reference',
      },
    ],
    tests: ['test/unit/commands/outside-refund.test.ts'],
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
    tests: ['test/unit/background/webhooks.test.ts'],
    caughtBy: 'a dispute and a failed refund of money that belongs to no order are sent',
  },
  {
    class: 'stock, limits and money',
    name: 'a reconciliation at the edge does not ask about money for no order',
    patches: [
      {
        file: 'src/edge/front/operator-routes.ts',
        search: 'across.sum(await shardIdsOfMoney(c), ()',
        replace: 'across.sum(await shardIdsOf(c), ()',
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
    tests: ['test/unit/background/reconcile-movements.test.ts'],
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
    tests: ['test/unit/database/moved-money.test.ts'],
    caughtBy: 'are applied to it at the new place',
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
    tests: ['test/unit/payments/payos-refund.test.ts'],
    caughtBy: 'that payOS answers as failed is not sent',
  },
  {
    class: 'stock, limits and money',
    name: 'an old dispute whose end was not told stays open for ever',
    patches: [
      {
        file: 'src/payments/stripe-movements.ts',
        search: 'const older = new Set(named);',
        replace: 'const older = new Set(named.slice(named.length));',
      },
    ],
    tests: ['test/unit/background/reconcile-movements.test.ts'],
    caughtBy: 'a dispute that is known to be open is asked about',
  },
  {
    class: 'stock, limits and money',
    name: 'the operator is not told about money that belongs to no order',
    patches: [
      {
        file: 'src/background/outbound-event.ts',
        search: 'orderId === null && kindsOfAnyMoney.has(kind)',
        replace: 'orderId === kind && kindsOfAnyMoney.has(kind)',
      },
    ],
    tests: ['test/unit/background/mail.test.ts'],
    caughtBy:
      'the operator gets a letter about a dispute and a failed refund of money that belongs to no order',
  },
];
