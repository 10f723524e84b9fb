/** Faults of the catalogue: what a crowd of strangers must not cost it, and what a Worker must not miss for that. */
import type { Fault } from './fault.ts';

const reads = ['test/edge/catalogue-reads.test.ts'];

export const catalogueFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'each request of a crowd reads the catalogue itself',
    patches: [
      {
        file: 'src/edge/front/drop-list.ts',
        search: 'freshMs: PUBLISHED_AGE_MS, staleMs: LIST_STALE_MAX_MS',
        replace: 'freshMs: 0, staleMs: 0',
      },
    ],
    tests: reads,
    caughtBy: 'is read a few times for the list',
  },
  {
    class: 'edge runtime',
    name: 'requests of one Worker do not wait for the read of another',
    patches: [
      {
        file: 'src/edge/shared-reads.ts',
        search: 'if (!reading) return this.#lead(key, read, waitUntil);',
        replace: 'if (!reading || turn > 0) return this.#lead(key, read, waitUntil);',
      },
    ],
    tests: ['test/unit/edge/shared-reads.test.ts'],
    caughtBy: 'let a crowd wait for one read',
  },
  {
    class: 'edge runtime',
    name: 'a read that takes longer than two seconds counts for one request alone',
    patches: [
      {
        file: 'src/edge/shared-reads.ts',
        search: 'if (isLast || forgotten === this.#forgotten) this.#keep',
        replace: 'if (isLast) this.#keep',
      },
    ],
    tests: ['test/unit/edge/shared-reads.test.ts'],
    caughtBy: 'although each read takes',
  },
  {
    class: 'edge runtime',
    name: 'a slow read counts although its key was forgotten meanwhile',
    patches: [
      {
        file: 'src/edge/shared-reads.ts',
        search: 'if (isLast || forgotten === this.#forgotten) this.#keep',
        replace: 'this.#keep',
      },
    ],
    tests: ['test/unit/edge/shared-reads.test.ts'],
    caughtBy: 'keep no value of a slow read that was forgotten',
  },
  {
    class: 'edge runtime',
    name: 'a stranger’s bookmark makes a Worker read the catalogue',
    patches: [
      {
        file: 'src/edge/front/front.ts',
        search: 'return bookmark !== null && frontApp.isOperator(c) ? bookmark : null;',
        replace: 'return bookmark;',
      },
    ],
    tests: reads,
    caughtBy: 'made-up bookmarks',
  },
  {
    class: 'edge runtime',
    name: 'no Worker remembers that a slug is unknown',
    patches: [
      {
        file: 'src/edge/front/known-drops.ts',
        search: 'absentMs: PUBLISHED_AGE_MS',
        replace: 'absentMs: 0',
      },
    ],
    tests: reads,
    caughtBy: 'an unknown slug',
  },
  {
    class: 'edge runtime',
    name: 'a purchase believes that a slug is still unknown',
    patches: [
      {
        file: 'src/edge/front/front.ts',
        search: 'await findShardId(c, body.output.dropId, false)',
        replace: 'await findShardId(c, body.output.dropId)',
      },
    ],
    tests: reads,
    caughtBy: 'is asked again at once by purchases',
  },
  {
    class: 'edge runtime',
    name: 'a Worker does not find what it has just made',
    patches: [
      {
        file: 'src/edge/front/front.ts',
        search: '    known.forgetSlug(slug);\n',
        replace: '    void slug;\n',
      },
    ],
    tests: reads,
    caughtBy: 'did not find a moment before',
  },
  {
    class: 'edge runtime',
    name: 'the public list shows drops that ended long ago',
    patches: [
      {
        file: 'src/edge/front/drop-list.ts',
        search: 'this.#clock.now() - LISTED_AFTER_END_MS',
        replace: '0 * (this.#clock.now() - LISTED_AFTER_END_MS)',
      },
    ],
    tests: reads,
    caughtBy: 'leaves out drops that ended long ago',
  },
  {
    class: 'edge runtime',
    name: 'strangers make a Worker read what only operators may see',
    patches: [
      {
        file: 'src/edge/front/front.ts',
        search: 'isPage(c.req.path) || frontApp.isOperator(c) ? next()',
        replace: "isPage(c.req.path) || c.req.path !== '' ? next()",
      },
    ],
    tests: reads,
    caughtBy: 'operators’ ',
  },
  {
    class: 'edge runtime',
    name: 'each Worker counts by itself although the platform would',
    patches: [
      {
        file: 'src/edge/front/limits.ts',
        search: 'if (!counted) return undefined;',
        replace: 'if (!counted || key) return undefined;',
      },
    ],
    tests: reads,
    caughtBy: 'by the platform’s counts',
  },
  {
    class: 'edge runtime',
    name: 'a client may ask for any number of made-up slugs',
    patches: [
      {
        file: 'src/edge/front/find-shard.ts',
        search: 'const refused = isUnknown() ?',
        replace: "const refused = isUnknown() && idOrSlug === '' ?",
      },
    ],
    tests: reads,
    caughtBy: 'are counted by this Worker',
  },
  {
    class: 'edge runtime',
    name: 'a client that has asked for made-up slugs is refused the drops of the list',
    patches: [
      {
        file: 'src/edge/front/drop-list.ts',
        search: '    this.#onRead(drops);\n',
        replace: '    void this.#onRead;\n',
      },
    ],
    tests: reads,
    caughtBy: 'spare drops of the list',
  },
  {
    class: 'edge runtime',
    name: 'a Worker learns the slugs of drafts',
    patches: [
      {
        file: 'src/edge/front/known-drops.ts',
        search: 'drops.filter(({ published }) => published)',
        replace: 'drops.filter(({ id }) => id > 0)',
      },
    ],
    tests: ['test/unit/edge/known-drops.test.ts'],
    caughtBy: 'without its drafts',
  },
  {
    class: 'edge runtime',
    name: 'a Worker keeps any number of slugs',
    patches: [
      {
        file: 'src/edge/front/known-drops.ts',
        search: 'this.#dropIdBySlug.size >= KNOWN_SLUGS_MAX',
        replace: 'this.#dropIdBySlug.size >= 9 * KNOWN_SLUGS_MAX',
      },
    ],
    tests: ['test/unit/edge/known-drops.test.ts'],
    caughtBy: 'no more than it may keep',
  },
];
