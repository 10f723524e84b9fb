/** Personal data and secrets that must be told to nobody, each told once, with the tests that must notice it. */
import type { Fault } from './fault.ts';

const forget = ['test/unit/database/sqlite/forget.test.ts'];
const canaries = ['test/security/canaries.test.ts'];
const erase = ['test/contract/erase.test.ts'];
const timing = ['test/unit/payments/timing-safe.test.ts'];

export const privacyFaults: readonly Fault[] = [
  {
    class: 'personal data',
    name: 'an order shows its customer to every webhook and token',
    patches: [
      {
        file: 'src/http/representation.ts',
        search: 'holdExpiresAt: iso(order.holdExpiresAt),',
        replace: 'holdExpiresAt: iso(order.holdExpiresAt), email: order.email,',
      },
    ],
    tests: canaries,
    caughtBy: 'on node nobody else|webhooks of personal data on node',
  },
  {
    class: 'personal data',
    name: 'what is deleted stays on pages that become free',
    patches: [
      {
        file: 'src/split/connection.ts',
        search: "same('secure_delete', 1),",
        replace: "['secure_delete', 'fast', 2],",
      },
    ],
    tests: forget,
    caughtBy: 'leaves nothing on pages that only a long address had',
  },
  {
    class: 'personal data',
    name: 'an erased customer stays in gaps of pages',
    patches: [{ file: 'src/database/sqlite/forget.ts', search: "connection.exec('VACUUM');", replace: '' }],
    tests: forget,
    caughtBy: 'is nowhere in the file after the next start',
  },
  {
    class: 'personal data',
    name: 'an erased customer stays in the log',
    patches: [
      {
        file: 'src/split/checkpoint.ts',
        search: 'if (mustForget && !isCopying) emptyWithoutWaiting();',
        replace: '',
      },
    ],
    tests: forget,
    caughtBy: 'is not in the log any more',
  },
  {
    class: 'personal data',
    name: 'a customer loses the address to which goods are owed',
    patches: [
      {
        file: 'src/commands/erase.ts',
        search: 'if (open.some(({ id }) => !named.has(id)))',
        replace: 'if (open.length > 0 && named.size === 0)',
      },
    ],
    tests: erase,
    caughtBy: 'on node changes nothing until every open order',
  },
  {
    class: 'personal data',
    name: 'an order of another customer counts as a confirmation',
    patches: [
      {
        file: 'src/commands/erase.ts',
        search: 'if (openOrders.length > 0) {',
        replace: 'if (openOrders.length > 99) {',
      },
    ],
    tests: erase,
    caughtBy: 'on node refuses another customer’s order',
  },
  {
    class: 'personal data',
    name: 'an erased customer still holds units',
    patches: [
      {
        file: 'src/commands/erase.ts',
        search: "if (order.status === 'held') release(",
        replace: 'if (order.id === 0) release(',
      },
    ],
    tests: erase,
    caughtBy: 'on node (?:ends a hold|expires the open session)',
  },
  {
    class: 'personal data',
    name: 'late money buys units for an erased customer',
    patches: [
      {
        file: 'src/commands/payment.ts',
        search: "if (order.email === null) return 'customer_erased';",
        replace: '',
      },
    ],
    tests: erase,
    caughtBy: 'on node (?:refunds the money of|finds a payment without a webhook)',
  },
  {
    class: 'personal data',
    name: 'the log says who has bought',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: '    admission.served();\n',
        replace: "    admission.served();\n    deps.log.debug({ email: body.customer.email }, 'sold');\n",
      },
    ],
    tests: canaries,
    caughtBy: 'personal data on node',
  },
  {
    class: 'personal data',
    name: 'the metrics have a series for each path that was asked for',
    patches: [
      {
        file: 'src/http/metrics.ts',
        search: 'const route = answeredRoute(c);',
        replace: 'const route = c.req.path;',
      },
    ],
    tests: ['test/contract/metrics.test.ts'],
    caughtBy: 'on node contain no path, no order and no personal data',
  },
  {
    class: 'hostile requests and clients',
    name: 'the time of an answer tells how much of an order’s token is right',
    patches: [
      {
        file: 'src/ids/ids.ts',
        search: 'expected.length === given.length && timingSafeEqual(expected, given)',
        replace: 'expected.equals(given)',
      },
    ],
    tests: timing,
    caughtBy: 'the token of an order',
  },
  {
    class: 'hostile requests and clients',
    name: 'the time of an answer tells how much of a session’s seal is right',
    patches: [
      {
        file: 'src/http/session.ts',
        search: 'one.length === other.length && timingSafeEqual(one, other)',
        replace: 'expected === given && one.equals(other)',
      },
    ],
    tests: timing,
    caughtBy: 'the seal of a session',
  },
  {
    class: 'hostile requests and clients',
    name: 'the time of an answer tells how much of the chief’s token is right',
    patches: [
      {
        file: 'src/http/admin-auth.ts',
        search: 'timingSafeEqual(hash, adminTokenHash)',
        replace: 'hash.equals(adminTokenHash)',
      },
    ],
    tests: timing,
    caughtBy: 'the token of the chief operator',
  },
  {
    class: 'hostile requests and clients',
    name: 'the time of an answer tells how much of a bank’s signature is right',
    patches: [
      {
        file: 'src/payments/payos.ts',
        search: 'left.length === right.length && timingSafeEqual(left, right)',
        replace: 'left.equals(right)',
      },
    ],
    tests: timing,
    caughtBy: 'the signature of payOS',
  },
  {
    class: 'personal data',
    name: 'a customer who is owed a refund of a fulfilled order is erased unasked',
    patches: [
      {
        file: 'src/commands/erase.ts',
        search: 'isOwed(status) || owed.has(id)',
        replace: 'isOwed(status)',
      },
    ],
    tests: ['test/contract/outside-money.test.ts'],
    caughtBy: 'on node data of a customer with a failed refund',
  },
];
