/** Faults of public names that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const newKeys = 'src/database/apply/new-keys.ts';

export const nameFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'names that a lost end of the file had are given again',
    patches: [
      {
        file: newKeys,
        search: 'return now < END_MS && ofTime > last ? ofTime : afterGap;',
        replace: 'return now < END_MS && ofTime > last ? 1 : afterGap;',
      },
    ],
    tests: ['test/contract/lost-names.test.ts'],
    caughtBy: 'takes its names with it',
  },
  {
    class: 'stock, limits and money',
    name: 'a clock that is behind lets names be given again',
    patches: [
      {
        file: newKeys,
        search: 'last + 1 + randomInt(GAP_MAX)',
        replace: 'last + 1 + GAP_MAX',
      },
    ],
    tests: ['test/unit/new-keys.test.ts'],
    caughtBy: 'is beyond a gap of its own in each life of the file',
  },
  {
    class: 'stock, limits and money',
    name: 'a clock that is far ahead uses up every key',
    patches: [
      {
        file: newKeys,
        search: 'return now < END_MS && ofTime > last',
        replace: 'return ofTime > last',
      },
    ],
    tests: ['test/unit/new-keys.test.ts'],
    caughtBy: 'later than an id has room for',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund gets the key of one that is lost',
    patches: [
      {
        file: 'src/database/apply/payment.ts',
        search: 'keyFloor: journal.keyFloor,',
        replace: 'keyFloor: 1,',
      },
    ],
    tests: ['test/unit/new-keys.test.ts'],
    caughtBy: 'a refund has a key of its time too',
  },
  {
    class: 'stock, limits and money',
    name: 'an event has the id of one that is lost',
    patches: [
      {
        file: 'src/ids.ts',
        search: 'plain.writeUIntBE(at, 10, KEY_BYTES);',
        replace: 'plain.writeUIntBE(at * 0, 10, KEY_BYTES);',
      },
    ],
    tests: ['test/unit/ids.test.ts'],
    caughtBy: 'tells apart two events of one place in the log',
  },
  {
    class: 'hostile requests and clients',
    name: 'tokens are a keyed hash that is not HMAC',
    patches: [
      {
        file: 'src/hmac.ts',
        search: "return hash('sha256', outer, encoding);",
        replace: "return hash('sha256', message, encoding);",
      },
    ],
    tests: ['test/unit/hmac.test.ts'],
    caughtBy: 'has the values of the standard',
  },
  {
    class: 'stock, limits and money',
    name: 'a buyer is led to the checkout of another order',
    patches: [
      {
        file: 'src/http/pay.ts',
        search: 'else if (owner !== orderId) throw',
        replace: 'else if (orderId < 0) throw',
      },
    ],
    tests: ['test/unit/pay-checkout.test.ts'],
    caughtBy: 'is no way to pay for the second',
  },
];
