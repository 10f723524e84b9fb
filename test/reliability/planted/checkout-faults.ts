/** Faults by which an order is paid twice and the second payment is kept, or another shop's payment is not left alone. */
import type { Fault } from './fault.ts';

const twoCheckouts = ['test/unit/background/two-checkouts.test.ts'];
const clicks = ['test/unit/http/pay-checkout.test.ts'];

export const checkoutFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'a paid order closes all of its checkouts unasked',
    patches: [
      {
        file: 'src/commands/payment.ts',
        search: "    journal.log({ kind: 'paid', ...event });",
        replace: `    journal.log({ kind: 'paid', ...event });
    for (const { reference } of statements.openCheckoutsOf.all({ orderId, provider }))
      logClosed(statements.closeCheckoutByReference.all({ provider, reference, now: journal.now }), statements, journal);`,
      },
    ],
    tests: twoCheckouts,
    caughtBy: 'paid both, the second unheard',
  },
  {
    class: 'stock, limits and money',
    name: 'an order gets a second open checkout at one provider',
    patches: [
      {
        file: 'src/commands/checkout.ts',
        search: 'if (open && open.reference !== reference)',
        replace: "if (open && open.reference === '')",
      },
    ],
    tests: twoCheckouts,
    caughtBy: 'are never both open',
  },
  {
    class: 'stock, limits and money',
    name: 'a checkout is closed while its bank is still at it',
    patches: [
      {
        file: 'src/background/settle-checkout.ts',
        search: 'if (isFinal) await close();',
        replace: 'if (isFinal || checkout.reference) await close();',
      },
    ],
    tests: twoCheckouts,
    caughtBy: 'of which the second waits for a bank',
  },
  {
    class: 'stock, limits and money',
    name: 'the checkout of the slower click stays open at the provider',
    patches: [
      {
        file: 'src/http/pay.ts',
        search:
          "if (outcome.kind === 'checkout_open' && owner === null) await endUnused(provider, reference);",
        replace: "if (outcome.kind === 'checkout_open') void endUnused;",
      },
    ],
    tests: clicks,
    caughtBy: 'two clicks at once lead to one checkout',
  },
  {
    class: 'stock, limits and money',
    name: 'a checkout is opened beside one that may still bring money',
    patches: [
      {
        file: 'src/http/pay.ts',
        search: 'if (openCheckouts(orderId, provider).length > 0)',
        replace: 'if (openCheckouts(orderId, provider).length > 1)',
      },
    ],
    tests: clicks,
    caughtBy: 'no other checkout is opened while one',
  },
  {
    class: 'stock, limits and money',
    name: 'Worker and object refund the payments of other shops',
    patches: [
      {
        file: 'src/edge/front/payment-shards.ts',
        search: "if (mark !== 'own') return withoutMark(order, this.#ids);",
        replace: '',
      },
      {
        file: 'src/payments/record-payment.ts',
        search: "if (mark !== 'own') return isLikely ? ignored('other_mark') : withoutMark(order, ids);",
        replace: '',
      },
    ],
    tests: ['test/contract/shared-account.test.ts'],
    caughtBy: 'one payOS channel, on workerd a sale of one shop',
  },
];
