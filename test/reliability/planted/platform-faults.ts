/** Faults of what the platform bounds or offers: memory, keys and jurisdictions. */
import type { Fault } from './fault.ts';

export const platformFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'an export reads every event of a drop before its first link',
    patches: [
      {
        file: 'src/database/move/export-drop.ts',
        search: 'for (; next && next[0] <= lastSeq; next',
        replace: 'for (; next; next',
      },
    ],
    tests: ['test/unit/database/export-memory.test.ts'],
    caughtBy: 'never has more rows in memory',
  },
  {
    class: 'edge runtime',
    name: 'a download is made whole before it is sent',
    patches: [
      {
        file: 'src/edge/object/text-stream.ts',
        search: 'while (!isLast && chunk.length < CHUNK_CHARACTERS)',
        replace: 'while (!isLast)',
      },
    ],
    tests: ['test/unit/database/export-memory.test.ts'],
    caughtBy: 'takes no more text than its reader does',
  },
  {
    class: 'edge runtime',
    name: 'the orders of each shard come with a header',
    patches: [
      {
        file: 'src/edge/front/across-drops.ts',
        search: 'index === 0 ? body',
        replace: 'index >= 0 ? body',
      },
    ],
    tests: ['test/edge/shards.test.ts'],
    caughtBy: 'is run by its operator',
  },
  {
    class: 'personal data',
    name: 'the platform logs the address of each request',
    patches: [
      { file: 'wrangler.toml', search: 'invocation_logs = false', replace: 'invocation_logs = true' },
    ],
    tests: ['test/unit/repository/wrangler-config.test.ts'],
    caughtBy: 'logs no address of a request',
  },
  {
    class: 'edge runtime',
    name: 'staging writes into the catalogue of production',
    patches: [
      {
        file: 'wrangler.toml',
        search: '00000000-0000-0000-0000-000000000001',
        replace: '00000000-0000-0000-0000-000000000000',
      },
    ],
    tests: ['test/unit/repository/wrangler-config.test.ts'],
    caughtBy: 'shares no database with production',
  },
  {
    class: 'edge runtime',
    name: 'an imported drop shuts off every key of its range',
    patches: [
      {
        file: 'src/edge/catalogue.ts',
        search: 'select min(taken.id) + 1',
        replace: 'select max(taken.id) + 1',
      },
      {
        file: 'src/edge/catalogue.ts',
        search: 'where taken.id + 1 <',
        replace: 'where taken.id <',
      },
      {
        file: 'src/edge/catalogue.ts',
        search: 'and not exists (select 1 from drops where id = taken.id + 1)',
        replace: '',
      },
    ],
    tests: ['test/edge/jurisdictions.test.ts'],
    caughtBy: 'can be imported, and others still be created',
  },
  ...(
    [
      [
        'a Worker looks for a drop of the EU elsewhere',
        'src/edge/object-address.ts',
        'jurisdiction === null ? namespace : namespace.jurisdiction(jurisdiction)',
        'namespace',
        'test/unit/edge/object-address.test.ts',
        'is that of the first drop of the EU',
      ],
      [
        'the shards of a drop in the EU look for each other elsewhere',
        'src/edge/object/drop-object.ts',
        'objectAt(this.env.DROPS, other)',
        'this.env.DROPS.getByName(String(other))',
        'test/edge/jurisdictions.test.ts',
        'with 3 objects has all of them there',
      ],
      [
        'a hint is not sent',
        'src/edge/object/drop-maker.ts',
        'true, hint)',
        'true)',
        'test/edge/jurisdictions.test.ts',
        'has all of them there',
      ],
      [
        'a new drop of the EU gets a key of no jurisdiction',
        'src/edge/object/drop-maker.ts',
        "jurisdiction ?? 'anywhere'",
        "'anywhere'",
        'test/edge/jurisdictions.test.ts',
        'has all of them there',
      ],
      [
        'a key of no drop is imported',
        'src/http/admin-import.ts',
        'header.dropId >= DROP_KEYS_END',
        'header.dropId > DROP_KEYS_END',
        'test/edge/jurisdictions.test.ts',
        'a key after the last range is refused',
      ],
      [
        'a machine takes a drop for the EU',
        'src/http/admin-drops.ts',
        "if (jurisdiction) return invalid('jurisdiction', elsewhere);",
        '',
        'test/contract/admin-drops.test.ts',
        'refuses the jurisdiction eu',
      ],
    ] as const
  ).map(
    ([name, file, search, replace, tests, caughtBy]): Fault => ({
      class: 'edge runtime',
      name,
      patches: [{ file, search, replace }],
      tests: [tests],
      caughtBy,
    }),
  ),
];
