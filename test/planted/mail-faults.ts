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
    tests: ['test/unit/late-deliveries.test.ts'],
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
    tests: ['test/unit/mail.test.ts'],
    caughtBy: 'a recipient refused for now',
  },
  {
    class: 'hostile requests and clients',
    name: 'a mail server that refuses every recipient costs letters',
    patches: [
      {
        file: 'src/background/late-deliveries.ts',
        search: '(follower.lastAcceptedAt?.() ?? 0) > since',
        replace: 'since > 0',
      },
    ],
    tests: ['test/unit/late-deliveries.test.ts'],
    caughtBy: 'where every recipient is refused, none is given up',
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
    tests: ['test/unit/follow.test.ts'],
    caughtBy: 'a receiver that takes nothing at all loses nothing',
  },
  {
    class: 'hostile requests and clients',
    name: 'parked letters grow without bound',
    patches: [
      {
        file: 'src/database/apply/late-delivery.ts',
        search: 'waiting < LATE_DELIVERIES_MAX ?',
        replace: 'waiting >= 0 ?',
      },
    ],
    tests: ['test/unit/late-deliveries.test.ts'],
    caughtBy: 'the oldest parked delivery makes room',
  },
  {
    class: 'hostile requests and clients',
    name: 'a restart delivers parked letters a second time',
    patches: [{ file: 'src/background/follow.ts', search: ' && !late?.has(event.seq)', replace: '' }],
    tests: ['test/unit/late-deliveries.test.ts'],
    caughtBy: 'what is parked is delivered once after a restart',
  },
  {
    class: 'personal data',
    name: 'a parked letter stays when its customer’s data is deleted',
    patches: [
      {
        file: 'src/database/apply/erase.ts',
        search: 'db.delete(lateDeliveries).where(inArray(lateDeliveries.orderId, theirOrders)).run();',
        replace: 'void [lateDeliveries, theirOrders];',
      },
    ],
    tests: ['test/unit/late-deliveries.test.ts'],
    caughtBy: 'a parked letter is deleted with its customer',
  },
];
