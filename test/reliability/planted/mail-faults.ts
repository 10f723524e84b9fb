/** What keeps mail going and within bounds, each guard removed once, with the test that must notice it. */
import type { Fault } from './fault.ts';

export const mailFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'mailboxes that refuse fill the reading window',
    patches: [
      {
        file: 'src/background/follow.ts',
        search: "answer === 'late' && (await late?.park(event)) === true",
        replace: 'false as boolean',
      },
    ],
    tests: ['test/unit/background/late-deliveries.test.ts'],
    caughtBy: 'recipients that refuse do not stop the reading',
  },
  {
    class: 'hostile requests and clients',
    name: 'a mailbox that refuses for now counts as the whole mail server',
    patches: [
      {
        file: 'src/runtime/smtp.ts',
        search: "return responseCode >= 400 ? 'late' : 'away';",
        replace: "return 'away';",
      },
    ],
    tests: ['test/unit/background/mail.test.ts'],
    caughtBy: 'a recipient refused for now',
  },
  {
    class: 'hostile requests and clients',
    name: 'a mail server that refuses every recipient costs letters',
    patches: [
      {
        file: 'src/background/late-deliveries.ts',
        search: '(subscriber.lastAcceptedAt?.() ?? 0) > since',
        replace: 'since > 0',
      },
    ],
    tests: ['test/unit/background/late-deliveries.test.ts'],
    caughtBy: 'where every recipient is refused, none is given up',
  },
  {
    class: 'hostile requests and clients',
    name: 'a quota of the mail server costs letters',
    patches: [
      {
        file: 'src/background/late-deliveries.ts',
        search: 'clock.now() - lastThrottledAt > LATE_THROTTLE_QUIET_MS',
        replace: 'LATE_THROTTLE_QUIET_MS > lastThrottledAt - clock.now()',
      },
    ],
    tests: ['test/unit/background/late-deliveries.test.ts'],
    caughtBy: 'a mail server that takes a few letters a day costs none',
  },
  {
    class: 'clock jumps',
    name: 'an attempt planned by a clock that was ahead waits for it',
    patches: [
      {
        file: 'src/database/log-reads.ts',
        search: 'limit: limit - found.length',
        replace: 'limit: 0 * found.length',
      },
    ],
    tests: ['test/unit/background/late-deliveries.test.ts'],
    caughtBy: 'a clock that was a year ahead delays no letter',
  },
  {
    class: 'clock jumps',
    name: 'letters of a clock that was ahead use up an allowance',
    patches: [
      {
        file: 'src/commands/log-statements.ts',
        search: "or(lte(recentLetters.at, value('before')), gt(recentLetters.at, value('now')))",
        replace: "or(lte(recentLetters.at, value('before')), gt(value('now'), value('now')))",
      },
    ],
    tests: ['test/unit/background/mail-bounds.test.ts'],
    caughtBy: 'letters of a clock that was ahead use up no allowance',
  },
  {
    class: 'hostile requests and clients',
    name: 'a mail server that is away costs letters',
    patches: [
      {
        file: 'src/background/follow.ts',
        search: "answer === 'retry' && (",
        replace: "answer !== 'done' && (",
      },
    ],
    tests: ['test/unit/background/follow.test.ts'],
    caughtBy: 'a receiver that takes nothing at all loses nothing',
  },
  {
    class: 'hostile requests and clients',
    name: 'parked letters grow without bound',
    patches: [
      {
        file: 'src/commands/late-delivery.ts',
        search: 'waiting < LATE_DELIVERIES_MAX ?',
        replace: 'waiting >= 0 ?',
      },
    ],
    tests: ['test/unit/background/late-deliveries.test.ts'],
    caughtBy: 'the oldest parked delivery makes room',
  },
  {
    class: 'hostile requests and clients',
    name: 'a restart delivers parked letters a second time',
    patches: [{ file: 'src/background/follow.ts', search: ' && !late?.has(event.seq)', replace: '' }],
    tests: ['test/unit/background/late-deliveries.test.ts'],
    caughtBy: 'what is parked is delivered once after a restart',
  },
  {
    class: 'personal data',
    name: 'a parked letter stays when its customer’s data is deleted',
    patches: [
      {
        file: 'src/commands/erase.ts',
        search: 'db.delete(lateDeliveries).where(inArray(lateDeliveries.orderId, theirOrders)).run();',
        replace: 'void [lateDeliveries, theirOrders];',
      },
    ],
    tests: ['test/unit/background/late-deliveries.test.ts'],
    caughtBy: 'a parked letter is deleted with its customer',
  },
  {
    class: 'hostile requests and clients',
    name: 'holds are mailed by default',
    patches: [
      {
        file: 'src/background/letters.ts',
        search: ' || (holdTypes.has(type) && !isHoldMailOn)',
        replace: '',
      },
    ],
    tests: ['test/contract/mail-bounds.test.ts'],
    caughtBy: 'on node holds and cancellations send none',
  },
  {
    class: 'hostile requests and clients',
    name: 'letters have no bound',
    patches: [
      {
        file: 'src/commands/letters.ts',
        search: 'recent.length >= LETTERS_MAX[allowance]',
        replace: 'recent.length < 0 && LETTERS_MAX[allowance] > 0',
      },
    ],
    tests: ['test/contract/mail-bounds.test.ts'],
    caughtBy: 'on node where holds are mailed, a few an hour',
  },
  {
    class: 'hostile requests and clients',
    name: 'another attempt at a letter counts again',
    patches: [{ file: 'src/commands/letters.ts', search: 'one.seq === seq', replace: 'one.seq === -0.5' }],
    tests: ['test/unit/background/mail-bounds.test.ts'],
    caughtBy: 'each allowance of a recipient lasts an hour',
  },
  {
    class: 'hostile requests and clients',
    name: 'a letter about money is dropped beyond the bound',
    patches: [
      {
        file: 'src/background/letters.ts',
        search: "allowance === 'holds' ? 'done' : 'late'",
        replace: "'done'",
      },
    ],
    tests: ['test/unit/background/mail-bounds.test.ts'],
    caughtBy: 'a letter about money beyond the bound is late',
  },
  {
    class: 'hostile requests and clients',
    name: 'holds of a stranger starve letters about money',
    patches: [
      {
        file: 'src/background/letters.ts',
        search: "holdTypes.has(type) ? 'holds' : 'money'",
        replace: "type ? 'holds' : 'money'",
      },
    ],
    tests: ['test/contract/mail-bounds.test.ts'],
    caughtBy: 'on node where holds are mailed, a few an hour',
  },
  {
    class: 'hostile requests and clients',
    name: 'Resend sends a letter again whose answer was lost',
    patches: [
      {
        file: 'src/background/mail-resend.ts',
        search: "'idempotency-key': messageId.slice(1, -1),",
        replace: '',
      },
    ],
    tests: ['test/unit/background/mail-api.test.ts'],
    caughtBy: 'Resend takes a letter, once for each Message-ID',
  },
  {
    class: 'hostile requests and clients',
    name: 'a wrong key of the mail provider costs letters',
    patches: [
      {
        file: 'src/background/mail-resend.ts',
        search: "status === 400 || status === 422 ? 'late' : 'away'",
        replace: "status === 400 || status === 422 ? 'late' : 'rejected'",
      },
    ],
    tests: ['test/unit/background/mail-api.test.ts'],
    caughtBy: 'Resend answers a wrong key',
  },
  {
    class: 'hostile requests and clients',
    name: 'a sender that Postmark has not confirmed costs letters',
    patches: [
      {
        file: 'src/background/mail-postmark.ts',
        search: 'if (error === INACTIVE_RECIPIENT)',
        replace: 'if (error !== INVALID_REQUEST)',
      },
    ],
    tests: ['test/unit/background/mail-api.test.ts'],
    caughtBy: 'Postmark answers a sender that is not confirmed',
  },
];
