/** How the tests run: first what needs no server, then what spawns servers, then what loads a server with a crowd, then what sums up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** A folder of this run alone: runs beside each other share nothing. */
const ownFolder = (purpose: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `stampede-${purpose}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
// Which documented answers the tests have met: each process writes its own, and the last test reads them all.
const seenAnswers = ownFolder('seen');
// Hundreds of processes start the same code: each takes it as the one before has compiled it.
process.env.NODE_COMPILE_CACHE = ownFolder('compiled');
// The processes of the tests inherit it, and so does the set-up before them.
process.env.STAMPEDE_BUNDLES = ownFolder('bundles');
// Databases that no test removes itself.
process.env.STAMPEDE_SCRATCH = ownFolder('scratch');

const shared = {
  setupFiles: ['test/support/silent-console.ts', 'test/support/meant-runtime.ts'],
  // As long as a machine with one slow core takes: what hangs is found all the same, and what is slow is measured by bench/.
  testTimeout: Number(process.env.TEST_TIMEOUT_MS ?? 60_000),
  hookTimeout: 60_000,
  expect: { poll: { timeout: 15_000 } },
  // A file has a process of its own: native connections and signals stay in it.
  pool: 'forks',
  execArgv: ['--import', './src/quick-imports.ts'],
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
          // Much of what they do is waiting: for a start, for a hold to run out, for a client that drips.
          maxWorkers: 4,
          globalSetup: ['test/support/worker-bundle.ts'],
          include: [
            'test/{contract,edge,first-run,browser,history,security,runtimes}/**/*.test.ts',
            'test/fault/{kill,disk/*,process/*}.test.ts',
          ],
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...shared,
          name: 'crowd',
          globalSetup: ['test/support/worker-bundle.ts'],
          include: ['test/crowd/**/*.test.ts'],
          testTimeout: 180_000,
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
