/** How the tests run: first what needs no server, then what spawns servers, then what loads a server with a crowd, then what sums up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Which documented answers the tests have met: each process writes its own, and the last test reads them all.
const seenAnswers = mkdtempSync(join(tmpdir(), 'stampede-seen-'));
process.once('exit', () => rmSync(seenAnswers, { recursive: true, force: true }));

const shared = {
  setupFiles: ['test/support/silent-console.ts'],
  testTimeout: 15_000,
  hookTimeout: 30_000,
  // A file has a process of its own: native connections and signals stay in it.
  pool: 'forks',
  // More at once would only wait for each other: a file of contract tests has a server on Node and one on Bun beside it.
  maxWorkers: 2,
  env: { STAMPEDE_SEEN_ANSWERS: seenAnswers },
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: [
            'test/{unit,property}/**/*.test.ts',
            'test/fault/{audit,judge}.test.ts',
            'test/*.test.ts',
          ],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'server',
          globalSetup: ['test/support/worker-bundle.ts'],
          include: ['test/{contract,edge,first-run,browser,history,security}/**/*.test.ts', 'test/fault/kill.test.ts'],
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...shared,
          name: 'crowd',
          globalSetup: ['test/support/worker-bundle.ts'],
          include: ['test/crowd/**/*.test.ts'],
          testTimeout: 60_000,
          // A crowd takes every core there is.
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...shared,
          name: 'sum',
          include: ['test/sum/*.test.ts'],
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
