/** What carries letters from an object through the queue to a provider, each guard removed once, with the test that must notice it. */
import type { Fault } from './fault.ts';

export const edgeMailFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'a letter that fails on Workers is dropped',
    patches: [
      {
        file: 'src/edge/mail/send-letters.ts',
        search: "if (delivery === 'done') {",
        replace: "if (delivery !== 'retry') {",
      },
    ],
    tests: ['test/edge/mail.test.ts'],
    caughtBy: 'letters wait for a provider that is down',
  },
  {
    class: 'hostile requests and clients',
    name: 'a refused letter of a Worker stops those behind it',
    patches: [
      {
        file: 'src/edge/mail/send-letters.ts',
        search: '    message.retry({ delaySeconds });',
        replace: '    message.retry({ delaySeconds });\n    if (attempts === 1) return;',
      },
    ],
    tests: ['test/unit/edge/send-letters.test.ts'],
    caughtBy: 'an object that does not answer delays its own letter only',
  },
  {
    class: 'hostile requests and clients',
    name: 'a letter goes to the dead-letter queue in silence',
    patches: [
      {
        file: 'src/edge/mail/send-letters.ts',
        search: 'if (attempts > QUEUE_RETRIES_MAX)',
        replace: 'if (attempts > 2 * QUEUE_RETRIES_MAX)',
      },
    ],
    tests: ['test/unit/edge/send-letters.test.ts'],
    caughtBy: 'the log names a letter that goes to the dead-letter queue',
  },
  {
    class: 'personal data',
    name: 'a queued letter is composed before its customer’s data is deleted',
    patches: [
      {
        file: 'src/edge/object/mail.ts',
        search: "return event?.seq === seq ? letters.about(event) : 'done';",
        replace: `if (event?.seq !== seq) return 'done';
      const kept = composed.get(seq) ?? (await letters.about(event));
      composed.set(seq, kept);
      return kept;`,
      },
      {
        file: 'src/edge/object/mail.ts',
        search: 'export interface ObjectMail {',
        replace: 'const composed = new Map<number, Draft | Delivery>();\nexport interface ObjectMail {',
      },
    ],
    tests: ['test/edge/mail.test.ts'],
    caughtBy: 'letters are not sent once the data of their customer is deleted',
  },
  {
    class: 'personal data',
    name: 'a letter with lost links of a Worker knows one drop only',
    patches: [
      {
        file: 'src/edge/front/link-requests.ts',
        search: 'const left = [...(await shardIdsOf(customer))];',
        replace: 'const left = (await shardIdsOf(customer)).slice(0, 1);',
      },
    ],
    tests: ['test/edge/mail.test.ts'],
    caughtBy: 'letters with lost links list the orders of every drop',
  },
  {
    class: 'hostile requests and clients',
    name: 'a request for lost links ends before its letter is sent',
    patches: [
      {
        file: 'src/edge/mail/send-letters.ts',
        search: "if (delivery === 'done' && 'links' in queued)",
        replace: "if ('links' in queued)",
      },
    ],
    tests: ['test/unit/edge/send-letters.test.ts'],
    caughtBy: 'a request for lost links ends with its letter, and not before',
  },
  {
    class: 'edge runtime',
    name: 'a request for lost links wakes the objects of every drop',
    patches: [
      {
        file: 'src/edge/mail/letter-consumer.ts',
        search: 'edgeClock.now() - CUSTOMERS_LATE_MS,',
        replace: 'edgeClock.now() * 0 - CUSTOMERS_LATE_MS,',
      },
    ],
    tests: ['test/edge/mail.test.ts'],
    caughtBy: 'wake no object of an ended drop',
  },
];
