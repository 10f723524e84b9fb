/** Faults of the edge that this house must never have, each with the tests in workerd that must notice it. */
import type { Fault } from './fault.ts';

const retries = 'src/edge/object-retries.ts';
const object = 'src/edge/object/drop-object.ts';
const edge = ['test/edge/edge.test.ts'];
const leases = ['test/edge/leases.test.ts'];
const faults = ['test/edge/faults.test.ts'];
const shards = ['test/edge/shards.test.ts'];

export const edgeFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'a Worker retries every request that has a key',
    patches: [{ file: retries, search: "pathname === '/purchase' && headers", replace: 'headers' }],
    tests: faults,
    caughtBy: 'sends an operator’s write once',
  },
  {
    class: 'edge runtime',
    name: 'a Worker retries after errors that are not retryable',
    patches: [
      { file: retries, search: "isMarked(error, 'retryable') && !isOverloaded", replace: '!isOverloaded' },
    ],
    tests: ['test/unit/edge/object-retries.test.ts'],
    caughtBy: 'retries nothing after an error',
  },
  {
    class: 'edge runtime',
    name: 'a Worker retries at an overloaded object',
    patches: [{ file: retries, search: ' && !isOverloaded(error);', replace: ';' }],
    tests: ['test/unit/edge/object-retries.test.ts'],
    caughtBy: 'retries nothing of an overloaded object',
  },
  {
    class: 'edge runtime',
    name: 'a Worker retries at once',
    patches: [
      {
        file: retries,
        search: 'clock.after(backoffMs(attempt, random), resolve)',
        replace: 'clock.after(0, resolve)',
      },
    ],
    tests: ['test/unit/edge/object-retries.test.ts'],
    caughtBy: 'waits twice as long',
  },
  {
    class: 'edge runtime',
    name: 'a Worker takes every retry of a sold-out drop for a new purchase',
    patches: [
      {
        file: 'src/edge/front/front.ts',
        search: 'const isNew = key === undefined || !found.mayHaveOrder(shardId, customer, key);',
        replace: 'const isNew = true;',
      },
    ],
    tests: edge,
    caughtBy: 'finds every retry',
  },
  {
    class: 'edge runtime',
    name: 'a Worker remembers that a place is empty',
    patches: [
      {
        file: 'src/edge/relay/published-drops.ts',
        search: 'if (found && !this.#changed.has(dropId)',
        replace: 'if (!this.#changed.has(dropId)',
      },
      {
        file: 'src/edge/relay/published-drops.ts',
        search: 'untilMs: askedMs + found.leaseMs',
        replace: 'untilMs: askedMs + (found?.leaseMs ?? PUBLISHED_AGE_MS)',
      },
    ],
    tests: edge,
    caughtBy: 'a drop is found at once',
  },
  {
    class: 'edge runtime',
    name: 'a freed unit is sold while Workers still say sold out',
    patches: [
      {
        file: 'src/edge/object/database.ts',
        search: 'if (isRefusedBy(dropHere()) && !hasDueHold(now)) return 0;',
        replace: 'return 0;',
      },
    ],
    tests: leases,
    caughtBy: 'a returned unit',
  },
  {
    class: 'edge runtime',
    name: 'an object that wakes does not know what Workers refuse by',
    patches: [
      {
        file: 'src/edge/object/database.ts',
        search: 'storage.kv.get<boolean>(refusesKey) ?? false;',
        replace: 'false;',
      },
    ],
    tests: leases,
    caughtBy: 'has begun anew',
  },
  {
    class: 'edge runtime',
    name: 'the catalogue believes whoever told last',
    patches: [
      {
        file: 'src/edge/catalogue.ts',
        search: 'from followers where name',
        replace: 'from followers where 0 and name',
      },
    ],
    tests: faults,
    caughtBy: 'told twice',
  },
  {
    class: 'edge runtime',
    name: 'an object that begins anew sets no alarm',
    patches: [
      {
        file: 'src/edge/object/alarm.ts',
        search: 'void this.#storage.setAlarm(at);',
        replace: '',
      },
    ],
    tests: faults,
    caughtBy: 'whose alarms fail',
  },
  {
    class: 'edge runtime',
    name: 'a shard takes in the same units each time they are offered',
    patches: [
      {
        file: 'src/edge/object/stock-transfer.ts',
        search: ') !== undefined) return;',
        replace: ') === null) return;',
      },
    ],
    tests: shards,
    caughtBy: 'offered again',
  },
  {
    class: 'edge runtime',
    name: 'units transferred by one shard and not received by another are lost',
    patches: [
      {
        file: object,
        search: 'await Promise.all([shop.work.run(), shop.shards.offerAgain()]);',
        replace: 'await shop.work.run();',
      },
    ],
    tests: shards,
    caughtBy: 'lost on their way',
  },
  {
    class: 'edge runtime',
    name: 'a refused erasure lists the open orders of some objects only',
    patches: [
      {
        file: 'src/edge/front/customer-deletion.ts',
        search: 'this.#ask(shardIds, () =>',
        replace: 'this.#ask(shardIds.slice(0, 1), () =>',
      },
    ],
    tests: ['test/contract/erase.test.ts'],
    caughtBy: 'on workerd changes nothing until every open order',
  },
  {
    class: 'edge runtime',
    name: 'the object for money that belongs to no order never sleeps',
    patches: [
      {
        file: 'src/edge/object/work.ts',
        search: 'if (this.eventsBehind === 0 && !this.#isIndexBehind) return this.#bookmark;',
        replace: 'if (!drop || (this.eventsBehind === 0 && !this.#isIndexBehind)) return null;',
      },
    ],
    tests: ['test/edge/unclaimed-sleep.test.ts'],
    caughtBy: 'sleeps once the money is sent back',
  },
  {
    class: 'edge runtime',
    name: 'an object that takes a drop in holds its requests until D1 answers',
    patches: [
      {
        file: object,
        search: 'this.#shop = await this.#open(shardId, 1);',
        replace: 'this.#shop = await this.#open(shardId, 1); await this.#report(this.#shop);',
      },
    ],
    tests: ['test/edge/silent-catalogue.test.ts'],
    caughtBy: 'answers while a drop that it has taken in',
  },
];
