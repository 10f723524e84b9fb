/** Faults that let a payment provider's answer through unread, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const tests = ['test/contract/unreadable-answers.test.ts'];

export const answerFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'a new checkout of Stripe is believed as it came',
    patches: [
      {
        file: 'src/payments/stripe-checkout.ts',
        search: 'readAnswer(schema, await stripe.checkout.sessions.create(session, { idempotencyKey }))',
        replace: '((await stripe.checkout.sessions.create(session, { idempotencyKey })) as never) ?? schema',
      },
    ],
    tests,
    caughtBy: 'no checkout of Stripe is opened',
  },
  {
    class: 'stock, limits and money',
    name: 'a new link of payOS is believed as it came',
    patches: [
      {
        file: 'src/payments/payos-answers.ts',
        search: 'checkoutUrl: payUrl(apiBase) });',
        replace: 'checkoutUrl: apiBase === null ? payUrl(apiBase) : v.any() });',
      },
    ],
    tests,
    caughtBy: 'no link of payOS is opened',
  },
  {
    class: 'stock, limits and money',
    name: 'a buyer is sent to any address',
    patches: [
      {
        file: 'src/payments/answer.ts',
        search: `return url.protocol === 'https:' || (apiBase !== null && url.origin === new URL(apiBase).origin);`,
        replace: `return apiBase !== '';`,
      },
    ],
    tests,
    caughtBy: 'no checkout of Stripe is opened',
  },
  {
    class: 'stock, limits and money',
    name: 'an answer that is no object ends the process',
    patches: [
      {
        file: 'src/payments/stripe-fetch.ts',
        search: "return found ? text : '';",
        replace: 'return text;',
      },
    ],
    tests,
    caughtBy: 'no checkout of Stripe is opened',
    message: 'fetch failed|AssertionError',
  },
  {
    class: 'stock, limits and money',
    name: 'a key is used again after an answer that could not be read',
    patches: [
      {
        file: 'src/payments/stripe-errors.ts',
        search: `kept: 'unknown', refund: 'retry'`,
        replace: `kept: 'no', refund: 'retry'`,
      },
    ],
    tests,
    caughtBy: 'no checkout of Stripe is opened, and the next click opens one',
  },
  {
    class: 'stock, limits and money',
    name: 'the look-up of a session believes what is told of another one',
    patches: [
      {
        file: 'src/payments/stripe.ts',
        search: 'if (session.id !== reference) throw',
        replace: `if (session.id === '') throw`,
      },
    ],
    tests,
    caughtBy: 'a look-up at Stripe could not tell',
  },
  {
    class: 'stock, limits and money',
    name: 'the look-up of a link believes what is told of another one',
    patches: [
      {
        file: 'src/payments/payos.ts',
        search: `if (link.orderCode !== orderCode) throw new UnreadableAnswerError('orderCode');\n    return link;`,
        replace: 'return link;',
      },
    ],
    tests,
    caughtBy: 'a look-up at payOS could not tell',
  },
  {
    class: 'stock, limits and money',
    name: 'a session that was paid and does not say for what is asked about no more',
    patches: [
      {
        file: 'src/payments/stripe.ts',
        search: `if (paid === 'paid' && !event) throw`,
        replace: `if (paid === '' && !event) throw`,
      },
    ],
    tests,
    caughtBy: 'a look-up at Stripe could not tell',
  },
  {
    class: 'stock, limits and money',
    name: 'a signed webhook that cannot be read fails its request',
    patches: [
      {
        file: 'src/payments/stripe.ts',
        search: `if (error instanceof UnreadableAnswerError) return { kind: 'malformed' };\n        throw error;`,
        replace: 'throw error;',
      },
    ],
    tests,
    caughtBy: 'a signed webhook that cannot be read',
  },
  {
    class: 'stock, limits and money',
    name: 'a webhook of our order without its payment is ignored',
    patches: [
      {
        file: 'src/payments/stripe.ts',
        search: `if (reference === undefined) throw new UnreadableAnswerError('payment_intent');`,
        replace: 'if (reference === undefined) return null;',
      },
    ],
    tests,
    caughtBy: 'a signed webhook that cannot be read',
  },
  {
    class: 'stock, limits and money',
    name: 'a dispute that cannot be read keeps the others from being recorded',
    patches: [
      {
        file: 'src/payments/answer.ts',
        search: 'else failures.push(new UnreadableAnswerError(v.getDotPath(parsed.issues[0])));',
        replace: 'else throw new UnreadableAnswerError(v.getDotPath(parsed.issues[0]));',
      },
    ],
    tests,
    caughtBy: 'keep no other from being recorded',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund whose answer cannot be read counts as sent',
    patches: [
      {
        file: 'src/payments/stripe-refund.ts',
        search: 'const refund = readAnswer(madeRefund, answer);',
        replace: 'const refund = answer as never as ReturnType<typeof readAnswer<typeof madeRefund>>;',
      },
    ],
    tests,
    caughtBy: 'a refund at stripe',
  },
];
