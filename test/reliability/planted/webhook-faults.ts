/** Faults in what a webhook of a payment provider may look like, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

export const webhookFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'an event of Stripe must be a snapshot',
    patches: [
      {
        file: 'src/payments/stripe.ts',
        search: 'if (!v.is(answers.handledEvent, signed)) return',
        replace: 'if (v.is(answers.event, signed) && !v.is(answers.handledEvent, signed)) return',
      },
    ],
    tests: ['test/contract/stripe.test.ts'],
    caughtBy: 'on node acknowledges what Stripe signs',
  },
  {
    class: 'hostile requests and clients',
    name: 'words that payOS signs as an empty text are read as texts',
    patches: [
      {
        file: 'src/payments/payos.ts',
        search: "text !== 'null' && text !== 'undefined'",
        replace: 'text.length >= 0',
      },
    ],
    tests: ['test/contract/two-providers.test.ts'],
    caughtBy: 'on node one signature of payOS stands for one payment',
  },
  {
    class: 'stock, limits and money',
    name: 'the trial of an address at payOS must be a payment',
    patches: [
      {
        file: 'src/payments/payos.ts',
        search: "if (v.is(noPayment, data)) return { kind: 'ignored' };",
        replace: '',
      },
    ],
    tests: ['test/unit/payments/payos-webhook.test.ts'],
    caughtBy: 'of a trial is acknowledged',
  },
];
