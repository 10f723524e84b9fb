/** Faults of public names that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const newKeys = 'src/commands/new-keys.ts';

export const nameFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'names that a lost end of the file had are given again',
    patches: [
      {
        file: newKeys,
        search: 'return now < END_MS && ofTime >= firstKey ? ofTime : afterGap;',
        replace: 'return now < END_MS && ofTime >= firstKey ? 1 : afterGap;',
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
        search: 'firstKey + randomInt(GAP_MAX)',
        replace: 'firstKey + GAP_MAX',
      },
    ],
    tests: ['test/unit/commands/new-keys.test.ts'],
    caughtBy: 'is beyond a gap of its own in each life of the file',
  },
  {
    class: 'stock, limits and money',
    name: 'a clock that is far ahead uses up every key',
    patches: [
      {
        file: newKeys,
        search: 'return now < END_MS && ofTime >= firstKey',
        replace: 'return ofTime >= firstKey',
      },
    ],
    tests: ['test/unit/commands/new-keys.test.ts'],
    caughtBy: 'later than an id has room for',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund gets the key of one that is lost',
    patches: [
      {
        file: 'src/commands/payment.ts',
        search: 'keyFloor: journal.keyFloor,',
        replace: 'keyFloor: 1,',
      },
    ],
    tests: ['test/unit/commands/new-keys.test.ts'],
    caughtBy: 'a refund has a key of its time too',
  },
  {
    class: 'stock, limits and money',
    name: 'an event has the id of one that is lost',
    patches: [
      {
        file: 'src/ids/ids.ts',
        search: 'plain.writeUIntBE(at % 2 ** (8 * GENERATION_BYTES), 13, GENERATION_BYTES);',
        replace: '',
      },
    ],
    tests: ['test/unit/ids/ids.test.ts'],
    caughtBy: 'tells apart two events of one place in the log',
  },
  {
    class: 'stock, limits and money',
    name: 'a start goes on with the names of another one',
    patches: [
      { file: 'src/database/generations.ts', search: 'bits: randomInt(BITS_END),', replace: 'bits: 1,' },
    ],
    tests: ['test/unit/database/generations.test.ts'],
    caughtBy: 'bring back no id, no token, no key of a refund and no event',
  },
  {
    class: 'stock, limits and money',
    name: 'the name of a lost order opens the order that has its key now',
    patches: [
      {
        file: 'src/ids/ids.ts',
        search: 'return order && !order.isLost ?',
        replace: 'return order ?',
      },
    ],
    tests: ['test/unit/database/generations.test.ts'],
    caughtBy: 'make the payment of a lost order one of no order',
  },
  {
    class: 'stock, limits and money',
    name: 'the key of a lost refund is that of another one',
    patches: [
      {
        file: 'src/ids/ids.ts',
        search: 'if (!key || key.isLost) return null;',
        replace: 'if (!key) return null;',
      },
    ],
    tests: ['test/unit/database/generations.test.ts'],
    caughtBy: 'makes a lost name one of no row',
  },
  {
    class: 'stock, limits and money',
    name: 'names that a start has issued are forgotten by the next one',
    patches: [
      {
        file: 'src/database/sqlite/begin-generation.ts',
        search: 'keepGeneration(db, generation);',
        replace: '',
      },
    ],
    tests: ['test/unit/database/generations.test.ts'],
    caughtBy: 'are one for each start that named something',
  },
  {
    class: 'stock, limits and money',
    name: 'names that an object has issued are forgotten when it sleeps',
    patches: [
      {
        file: 'src/edge/object/committer.ts',
        search: 'if (nextHead !== head && !isGenerationKept) keepGeneration(db, generation);',
        replace: '',
      },
    ],
    tests: ['test/edge/edge.test.ts'],
    caughtBy: 'that is killed keeps every order that it has acknowledged',
  },
  {
    class: 'stock, limits and money',
    name: 'a moved drop leaves the generations of its names behind',
    patches: [
      {
        file: 'src/database/move/export-drop.ts',
        search: "if (table === 'generations' && Number(row.first_seq) >= before) return;",
        replace: "if (table === 'generations') return;",
      },
    ],
    tests: ['test/edge/move.test.ts'],
    caughtBy: 'goes from a machine to the edge and back, and is the same',
  },
  {
    class: 'hostile requests and clients',
    name: 'tokens are a keyed hash that is not HMAC',
    patches: [
      {
        file: 'src/ids/hmac.ts',
        search: "return hash('sha256', outer, encoding);",
        replace: "return hash('sha256', message, encoding);",
      },
    ],
    tests: ['test/unit/ids/hmac.test.ts'],
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
    tests: ['test/unit/http/pay-checkout.test.ts'],
    caughtBy: 'is no way to pay for the second',
  },
];
