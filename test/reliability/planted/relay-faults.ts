/** Faults of relays and of live stock at the edge that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const board = 'src/edge/relay/shard-board.ts';
const live = ['test/edge/live-shards.test.ts'];

export const relayFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'live stock is that of the first shard alone',
    patches: [
      { file: board, search: 'joinShards(first, others)] });', replace: 'joinShards(first, [])] });' },
    ],
    tests: live,
    caughtBy: 'is that of all shards',
  },
  {
    class: 'edge runtime',
    name: 'a shard reports its changes to no relay',
    patches: [
      {
        file: 'src/edge/object/drop-object.ts',
        search: 'db.snapshot.onChange(() => reports.note());',
        replace: '',
      },
    ],
    tests: live,
    caughtBy: 'from whichever shard it changes in',
  },
  {
    class: 'edge runtime',
    name: 'a shard that can’t be reached counts as sold out',
    patches: [
      { file: board, search: 'if (!this.isWhole) return;', replace: '' },
      { file: board, search: 'if (!this.isWhole && !isAbsent) await this.fill();', replace: '' },
    ],
    tests: live,
    caughtBy: 'as it was last known',
  },
  {
    class: 'edge runtime',
    name: 'the form of a page always buys in the first shard',
    patches: [
      {
        file: 'src/edge/front/front.ts',
        search: ".all('/d/:id', showShopPage)",
        replace: ".all('/d/:id', async (c) => lead(c, await shardIdOfNew(c, c.req.param('id') ?? '')))",
      },
    ],
    tests: live,
    caughtBy: 'in the shard of the customer',
  },
  {
    class: 'edge runtime',
    name: 'each Worker that asks a relay makes it read the shards',
    patches: [
      {
        file: 'src/edge/relay/shard-reader.ts',
        search: 'if (isYoung && !mustBegin) return Promise.resolve();',
        replace: '',
      },
    ],
    tests: ['test/unit/edge/shard-reader.test.ts'],
    caughtBy: 'at most two readings',
  },
  {
    class: 'edge runtime',
    name: 'a relay counts a reading that began before the change',
    patches: [
      {
        file: 'src/edge/relay/shard-reader.ts',
        search: 'if (this.#reading && !mustBegin) return this.#reading;',
        replace: 'if (this.#reading) return this.#reading;',
      },
    ],
    tests: ['test/unit/edge/shard-reader.test.ts'],
    caughtBy: 'began after it',
  },
  {
    class: 'edge runtime',
    name: 'a shard reports each of its changes by itself',
    patches: [
      {
        file: 'src/edge/object/shard-reports.ts',
        search: 'return Math.max(STOCK_INTERVAL_MS, ofShard, ofRelay);',
        replace: 'return 0 * Math.max(STOCK_INTERVAL_MS, ofShard, ofRelay);',
      },
    ],
    tests: ['test/unit/edge/shard-reports.test.ts'],
    caughtBy: 'are no more in a second',
  },
  {
    class: 'edge runtime',
    name: 'a shard forgets a relay that has just asked again',
    patches: [
      {
        file: 'src/edge/object/shard-reports.ts',
        search: 'if (!hasListeners && this.#relays.get(relay) === asked) {',
        replace: 'if (!hasListeners) {',
      },
    ],
    tests: ['test/unit/edge/shard-reports.test.ts'],
    caughtBy: 'unless it has asked again',
  },
  {
    class: 'edge runtime',
    name: 'a filter of keys is sent whole each time',
    patches: [
      {
        file: 'src/edge/key-filter.ts',
        search: 'bits: isDelta ? null : this.#bits',
        replace: 'bits: this.#bits',
      },
    ],
    tests: ['test/unit/edge/key-filter.test.ts'],
    caughtBy: 'sent once to a reader',
  },
  {
    class: 'edge runtime',
    name: 'a reader takes news that leave a gap',
    patches: [
      {
        file: 'src/edge/key-filter.ts',
        search: 'const isDelta = lacks >= 0 && lacks * 2 <= this.#recent.length;',
        replace: 'const isDelta = lacks >= 0 && Number.isFinite(lacks);',
      },
    ],
    tests: ['test/unit/edge/key-filter.test.ts'],
    caughtBy: 'sent once to a reader',
  },
  {
    class: 'edge runtime',
    name: 'each visitor of an isolate asks the relay while what is known is gone',
    patches: [
      {
        file: 'src/edge/relay/published-drops.ts',
        search: 'if (!asking || nowMs > asking.startedMs + LOST_MS) {',
        replace: 'if (!asking || turn > 0) {',
      },
    ],
    tests: ['test/unit/edge/published-drops.test.ts'],
    caughtBy: 'once for a crowd',
  },
  {
    class: 'edge runtime',
    name: 'a visitor gets an answer that was asked for before their own change',
    patches: [
      {
        file: 'src/edge/relay/published-drops.ts',
        search: 'if (!asking.end || asking.turn < turn) continue;',
        replace: 'if (!asking.end) continue;',
      },
    ],
    tests: ['test/unit/edge/published-drops.test.ts'],
    caughtBy: 'shows each its change',
  },
  {
    class: 'edge runtime',
    name: 'a Worker refuses by an answer that came after its lease',
    patches: [
      {
        file: 'src/edge/relay/published-drops.ts',
        search: 'keys: isLate ? filters.map(() => null) : filters };',
        replace: 'keys: isLate === null ? [] : filters };',
      },
    ],
    tests: ['test/unit/edge/published-drops.test.ts'],
    caughtBy: 'refuses nothing by an answer',
  },
  {
    class: 'edge runtime',
    name: 'a write that was refused makes a Worker ask its relay again',
    patches: [
      {
        file: 'src/edge/front/front.ts',
        search: 'if (!isSafeMethod(request) && (response.ok || response.status >= 500)) known',
        replace: 'if (!isSafeMethod(request)) known',
      },
    ],
    tests: ['test/edge/relay-load.test.ts'],
    caughtBy: 'writes that are refused',
  },
];
