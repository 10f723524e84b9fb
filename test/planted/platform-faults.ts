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
    tests: ['test/unit/export-memory.test.ts'],
    caughtBy: 'never has more rows in memory',
  },
  {
    class: 'edge runtime',
    name: 'a download is made whole before it is sent',
    patches: [
      {
        file: 'src/database/edge/text-stream.ts',
        search: 'while (!isLast && chunk.length < CHUNK_CHARACTERS)',
        replace: 'while (!isLast)',
      },
    ],
    tests: ['test/unit/export-memory.test.ts'],
    caughtBy: 'takes no more text than its reader does',
  },
  {
    class: 'edge runtime',
    name: 'the orders of each shard come with a header',
    patches: [
      {
        file: 'src/runtime/edge/across-drops.ts',
        search: 'index === 0 ? body',
        replace: 'index >= 0 ? body',
      },
    ],
    tests: ['test/edge/lanes.test.ts'],
    caughtBy: 'is run by its operator',
  },
  {
    class: 'personal data',
    name: 'the platform logs the address of each request',
    patches: [
      { file: 'wrangler.toml', search: 'invocation_logs = false', replace: 'invocation_logs = true' },
    ],
    tests: ['test/unit/wrangler-config.test.ts'],
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
    tests: ['test/unit/wrangler-config.test.ts'],
    caughtBy: 'shares no database with production',
  },
];
