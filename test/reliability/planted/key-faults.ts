/** Idempotency keys: what keeps them hashed and found, and retries answered, each undone once, with the test that must notice it. */
import type { Fault } from './fault.ts';

const erase = 'src/commands/erase.ts';
const knownDrops = 'src/edge/front/known-drops.ts';
const storedKeys = ['test/contract/stored-keys.test.ts'];

export const keyFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'the look-up of a key compares every order of its customer',
    patches: [
      {
        file: 'src/database/order-columns.ts',
        search: "and(ofCustomer, eq(orders.idempotencyKey, value('plainKey'))),",
        replace: "and(ofCustomer, eq(sql`+idempotency_key`, value('plainKey'))),",
      },
    ],
    tests: ['test/unit/database/query-plans.test.ts'],
    caughtBy: 'in a new file every hot statement',
  },
  {
    class: 'personal data',
    name: 'an idempotency key is stored as it was sent',
    patches: [
      {
        file: 'src/ids/ids.ts',
        search: "storedKeyPrefix + keys(key, 'base64url').slice(0, TOKEN_CHARACTERS)",
        replace: 'key',
      },
    ],
    tests: storedKeys,
    caughtBy: 'on node are keyed hashes',
  },
  {
    class: 'personal data',
    name: 'an idempotency key as it is stored can be sent',
    patches: [
      {
        file: 'src/domain/stored-key.ts',
        search: "storedKeyPrefix = 'h1 '",
        replace: "storedKeyPrefix = 'h1-'",
      },
    ],
    tests: storedKeys,
    caughtBy: 'on node as they are stored are not accepted from a client',
  },
  {
    class: 'personal data',
    name: 'orders of earlier versions are not found by their keys',
    patches: [
      {
        file: 'src/database/order-columns.ts',
        search: "eq(orders.idempotencyKey, value('plainKey'))",
        replace: 'eq(orders.idempotencyKey, sql`null`)',
      },
    ],
    tests: storedKeys,
    caughtBy: 'on node are found in orders of earlier versions',
  },
  {
    class: 'hostile requests and clients',
    name: 'an order is found by its short key for ever',
    patches: [
      { file: 'src/http/purchase.ts', search: '- replay.order.createdAt < SHORT_KEY_MS', replace: '> 0' },
    ],
    tests: storedKeys,
    caughtBy: 'on node are found for an hour',
  },
  {
    class: 'personal data',
    name: 'deleting personal data leaves the plain keys of earlier versions',
    patches: [
      { file: 'src/http/admin-customers.ts', search: '.plainKeys(customer)', replace: ".plainKeys('')" },
    ],
    tests: storedKeys,
    caughtBy: 'on node become hashes when the personal data is deleted',
  },
  {
    class: 'personal data',
    name: 'deleting personal data deletes the plain keys, and a retry buys again',
    patches: [{ file: erase, search: 'isTaken ? null : hashed', replace: 'isTaken ? null : null' }],
    tests: storedKeys,
    caughtBy: 'on node become hashes when the personal data is deleted',
  },
  {
    class: 'personal data',
    name: 'a plain key is not personal data by itself',
    patches: [{ file: erase, search: '  hasPlainKey,\n);', replace: ');' }],
    tests: storedKeys,
    caughtBy: 'on node become hashes also for a customer whose other data',
  },
  {
    class: 'personal data',
    name: 'a plain key becomes a hash that another order of the customer has',
    patches: [{ file: erase, search: 'isTaken ? null : hashed', replace: 'isTaken ? hashed : hashed' }],
    tests: ['test/unit/database/sqlite/plain-keys.test.ts'],
    caughtBy: 'where an earlier version ran after this one',
  },
  {
    class: 'edge runtime',
    name: 'a Worker looks for the hash of a key only, and refuses retries of older orders',
    patches: [
      { file: knownDrops, search: '[ids.idempotencyKey(key), key]', replace: '[ids.idempotencyKey(key)]' },
    ],
    tests: storedKeys,
    caughtBy: 'on workerd are found in orders of earlier versions',
  },
  {
    class: 'edge runtime',
    name: 'a Worker looks for a key as it was sent only, and refuses retries',
    patches: [{ file: knownDrops, search: '[ids.idempotencyKey(key), key]', replace: '[key]' }],
    tests: ['test/edge/edge.test.ts'],
    caughtBy: 'refuses what is sold out without waking the object, and still finds every retry',
  },
  {
    class: 'stock, limits and money',
    name: 'a retry that comes while its first try is underway is charged again',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: 'if (key.plainKey !== null) underway.set(name, placing);',
        replace: '',
      },
    ],
    tests: ['test/contract/unit-quotas.test.ts'],
    caughtBy: 'on node retries sent during',
  },
  {
    class: 'stock, limits and money',
    name: 'a retry is refused where its customer has no requests left',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: "if (typeof admitted !== 'function') return",
        replace:
          "if (admitted instanceof Response) return admitted;\n    if (typeof admitted !== 'function') return",
      },
    ],
    tests: ['test/contract/unit-quotas.test.ts'],
    caughtBy: 'on node a retry is answered although a stranger',
  },
];
