/** Faults of payments and refunds that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const payment = 'src/commands/payment.ts';
const model = ['test/property/shop.test.ts'];

export const moneyFaults: readonly Fault[] = [
  {
    class: 'model and schedules',
    name: 'money that buys nothing is kept',
    patches: [
      {
        file: payment,
        search: '  statements.insertRefund.run({',
        replace: '  if (paymentId < 0) statements.insertRefund.run({',
      },
    ],
    tests: model,
    caughtBy: 'every promise holds',
  },
  {
    class: 'model and schedules',
    name: 'an order that was refunded keeps its unit',
    patches: [
      {
        file: 'src/commands/refund.ts',
        search: 'statements.takeBackUnits.get({ itemId, quantity, withdrawn })',
        replace: 'statements.takeBackUnits.get({ itemId, quantity: 0, withdrawn })',
      },
    ],
    tests: model,
    caughtBy: 'every promise holds',
    message: 'AssertionError|A command failed: CHECK constraint failed: items_',
  },
  {
    class: 'model and schedules',
    name: 'a refund is given up by its first failure',
    patches: [
      {
        file: 'src/background/refund-sender.ts',
        search: "answer.kind === 'rejected' || isLastAttempt",
        replace: "answer.kind === 'rejected' || answer.kind === 'retry' || isLastAttempt",
      },
    ],
    tests: ['test/property/money.test.ts'],
    caughtBy: 'every other payment went back exactly once',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund that the writer refuses is tried again at once, without end',
    patches: [
      { file: 'src/background/refund-sender.ts', search: 'if (hasBegun) look();', replace: 'look();' },
    ],
    tests: ['test/unit/background/refund-sender.test.ts'],
    caughtBy: 'waits for the next look',
  },
  {
    class: 'stock, limits and money',
    name: 'a webhook dated in the future is taken',
    patches: [
      {
        file: 'src/payments/stripe-signature.ts',
        search: 'if (!(signedAt(header) <= now + WEBHOOK_AGE_MAX_MS))',
        replace: 'if (signedAt(header) < 0)',
      },
    ],
    tests: ['test/unit/payments/stripe-provider.test.ts'],
    caughtBy: 'with a signature of tomorrow is refused',
  },
  {
    class: 'stock, limits and money',
    name: 'a bank transfer is believed without its signature',
    patches: [
      {
        file: 'src/payments/payos.ts',
        search: 'if (expected === null || !isSame(expected, signature))',
        replace: 'if (expected === null)',
      },
    ],
    tests: ['test/unit/payments/payos-webhook.test.ts'],
    caughtBy: 'than was signed is refused',
  },
  {
    class: 'stock, limits and money',
    name: 'the digits of a currency are the runtime’s',
    patches: [
      {
        file: 'src/domain/currency.ts',
        search: 'digitsByCode.get(code) ?? 2;',
        replace:
          "(new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits ?? 2) + 0 * digitsByCode.size;",
      },
    ],
    tests: ['test/unit/domain/currency.test.ts'],
    caughtBy: 'every currency has 2 but those that the standard names',
  },
  {
    class: 'stock, limits and money',
    name: 'Stripe is asked for krónur in our units',
    patches: [
      {
        file: 'src/payments/stripe-amounts.ts',
        search: '{ ISK: 2, UGX: 2, MGA: 0 }',
        replace: '{ UGX: 2, MGA: 0 }',
      },
    ],
    tests: ['test/unit/payments/stripe-amounts.test.ts'],
    caughtBy: 'of ISK count as Stripe does',
  },
  {
    class: 'stock, limits and money',
    name: 'a drop is published at a price that no provider can charge',
    patches: [
      {
        file: 'src/http/publishing.ts',
        search: '  return first ? problem(',
        replace: "  return first && currency === '' ? problem(",
      },
    ],
    tests: ['test/contract/unpayable.test.ts'],
    caughtBy: 'publishing on node EUR 30 is refused with the bound',
  },
  {
    class: 'stock, limits and money',
    name: 'a hold is taken that no provider can charge',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: '  if (why === null) return null;\n  const most',
        replace: '  if (why !== undefined) return null;\n  const most',
      },
    ],
    tests: ['test/contract/unpayable.test.ts'],
    caughtBy: 'publishing on node a quantity whose total is above the maximum',
  },
  {
    class: 'stock, limits and money',
    name: 'a final refusal of the provider counts as temporary',
    patches: [
      {
        file: 'src/http/pay.ts',
        search: '        if (!error.isFinal) {',
        replace: '        if (!error.isFinal || ref) {',
      },
    ],
    tests: ['test/contract/unpayable.test.ts'],
    caughtBy: 'publishing on node a hold that the provider refuses permanently',
  },
];
