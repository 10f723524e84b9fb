/** Faults of idempotency keys, look-ups and final states at the payment providers, each with the test that must notice it. */
import type { Fault } from './fault.ts';

export const providerFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'a refund repeats the key whose error the provider replays',
    patches: [
      {
        file: 'src/background/refund-sender.ts',
        search: 'isKeySpent: answer.isKeySpent }',
        replace: 'isKeySpent: false }',
      },
    ],
    tests: ['test/unit/background/refund-sender.test.ts'],
    caughtBy: 'takes a new key once Stripe replays an error',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund whose answer is missing takes a new key',
    patches: [
      {
        file: 'src/background/refund-sender.ts',
        search: 'isKeySpent: answer.isKeySpent }',
        replace: 'isKeySpent: true }',
      },
    ],
    tests: ['test/unit/background/refund-sender.test.ts'],
    caughtBy: 'takes a new key once Stripe replays an error',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund made in the dashboard is taken for ours',
    patches: [
      {
        file: 'src/payments/stripe-refund.ts',
        search: '    metadata?.[refundKey] === id;',
        replace: "    metadata?.[refundKey] === id || id !== '';",
      },
    ],
    tests: ['test/unit/payments/stripe-refund.test.ts'],
    caughtBy: 'made in the dashboard',
  },
  {
    class: 'stock, limits and money',
    name: 'a payout is made again without a look at those that were made',
    patches: [
      {
        file: 'src/payments/payos-refund.ts',
        search: 'const known = isRepeated ? await lookUp(payos, request) : null;',
        replace: 'const known = isKeyUsed ? await lookUp(payos, request) : null;',
      },
    ],
    tests: ['test/unit/payments/payos-refund.test.ts'],
    caughtBy: 'which payOS replays',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund repeats for ever the key whose unreadable answer Stripe replays',
    patches: [
      {
        file: 'src/payments/stripe-fetch.ts',
        search: 'if (isReplayed && !(found && isOfApi(found))) return replayedError;',
        replace: '',
      },
    ],
    tests: ['test/unit/payments/stripe-refund.test.ts'],
    caughtBy: 'takes a new key once Stripe replays',
  },
  {
    class: 'stock, limits and money',
    name: 'a checkout repeats the key whose error Stripe replays',
    patches: [
      {
        file: 'src/payments/stripe-checkout.ts',
        search: 'if (isKept(error)) remember(first, number + 1);',
        replace: '',
      },
      {
        file: 'src/payments/stripe-errors.ts',
        search: "const isReplayed = error.headers?.['idempotent-replayed'] === 'true';",
        replace: 'const isReplayed = false;',
      },
    ],
    tests: ['test/unit/payments/stripe-provider.test.ts'],
    caughtBy: 'takes a new key after an error that Stripe keeps',
  },
  {
    class: 'stock, limits and money',
    name: 'a payment that failed late is asked about at every reconciliation',
    patches: [
      {
        file: 'src/payments/stripe.ts',
        search: "const isOver = paid !== 'unpaid' || hasFailed;",
        replace: "const isOver = paid !== 'unpaid';",
      },
    ],
    tests: ['test/unit/payments/stripe-provider.test.ts'],
    caughtBy: 'whose slow payment has failed',
  },
  {
    class: 'stock, limits and money',
    name: 'a checkout of a provider that is gone is asked about forever',
    patches: [
      {
        file: 'src/background/settle-checkout.ts',
        search: 'if (isOlderThan(patienceMs(error))) await giveUp(error.code);',
        replace: '',
      },
    ],
    tests: ['test/unit/background/settle-checkout.test.ts'],
    caughtBy: 'for a bounded time',
  },
  {
    class: 'stock, limits and money',
    name: 'a checkout whose answer can never be read is asked about forever',
    patches: [
      {
        file: 'src/background/settle-checkout.ts',
        search: 'return isLasting ? CHECKOUT_PENDING_MAX_MS',
        replace: 'return isLasting ? Number.POSITIVE_INFINITY',
      },
    ],
    tests: ['test/unit/background/settle-checkout.test.ts'],
    caughtBy: 'with a lasting error',
  },
  {
    class: 'stock, limits and money',
    name: 'payments that are found at the same time are counted as one',
    patches: [
      {
        file: 'src/background/reconciliation.ts',
        search: 'const found = await settleCheckout(checkout, deps);\n            result.payments += found;',
        replace: 'result.payments += await settleCheckout(checkout, deps);',
      },
    ],
    tests: ['test/unit/background/settle-checkout.test.ts'],
    caughtBy: 'payments that are found at the same time are all counted',
  },
  {
    class: 'stock, limits and money',
    name: 'an order is fulfilled although its payment is disputed',
    patches: [
      {
        file: 'src/commands/fulfil.ts',
        search: 'if (!isFulfilled && isDisputed(dispute) && !despiteDispute)',
        replace: "if (!isFulfilled && isDisputed(dispute) && dispute !== 'open' && !despiteDispute)",
      },
    ],
    tests: ['test/contract/disputes.test.ts'],
    caughtBy: 'disputes on node during a dispute',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund made outside is recorded once for each webhook',
    patches: [
      {
        file: 'src/commands/reported-refund.ts',
        search: 'refunds.find((one) => one.reference === reference) ??\n  refunds.find((one) => one.id',
        replace: 'refunds.find((one) => one.id',
      },
    ],
    tests: ['test/contract/outside-money.test.ts'],
    caughtBy: 'refunds outside, on node refunds in parts',
  },
  {
    class: 'hostile requests and clients',
    name: 'a payOS webhook with nested values reaches the SDK',
    patches: [
      {
        file: 'src/payments/payos.ts',
        search: 'v.nullable(v.union([fieldText, v.number(), v.boolean()]))',
        replace: 'v.unknown()',
      },
    ],
    tests: ['test/contract/two-providers.test.ts'],
    caughtBy: 'on node a stranger’s webhook',
  },
  {
    class: 'hostile requests and clients',
    name: 'a payOS value that swallows the fields after it has their signature',
    patches: [
      { file: 'src/payments/payos.ts', search: '!/&[a-z]\\w*=/i.test(text)', replace: 'text.length >= 0' },
    ],
    tests: ['test/unit/payments/payos-webhook.test.ts'],
    caughtBy: 'a value that swallowed the fields after it is refused',
  },
  {
    class: 'hostile requests and clients',
    name: 'a payOS key that swallows its value’s start has the signature',
    patches: [
      {
        file: 'src/payments/payos.ts',
        search: 'v.pipe(v.string(), v.regex(/^[a-z]\\w*$/i))',
        replace: 'v.string()',
      },
    ],
    tests: ['test/unit/payments/payos-webhook.test.ts'],
    caughtBy: 'a key that swallowed',
  },
  {
    class: 'hostile requests and clients',
    name: 'a Stripe header may name two times',
    patches: [
      {
        file: 'src/payments/stripe-signature.ts',
        search: 'times.length === 1 ?',
        replace: 'times.length > 0 ?',
      },
    ],
    tests: ['test/unit/payments/stripe-provider.test.ts'],
    caughtBy: 'that was signed for a future time is refused',
  },
  {
    class: 'hostile requests and clients',
    name: 'a flood of failures fills the log',
    patches: [{ file: 'src/http/failure-log.ts', search: 'logged >= FAILURE_LINES_MAX ||', replace: '' }],
    tests: ['test/unit/http/failure-log.test.ts'],
    caughtBy: 'a flood of one kind of failure',
  },
];
