/**
 * Defines how the tests run: first what needs no server, then what spawns servers, then crowds, then the sum of all.
 * `--mode quick` (`npm test`) runs the part that a contributor waits for, and is read by test/support/suite.ts. `--mode rest`
 * runs what the whole suite adds to it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { ClosingReporter } from './test/support/closing-reporter.ts';
import { patienceMs, testTimeoutMs } from './test/support/patience.ts';
import { onlyInWhole, sameInQuick } from './test/support/suite.ts';

/** A folder of this run alone: runs beside each other share nothing. */
const ownFolder = (purpose: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `stampede-${purpose}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
// Which documented answers the tests have met: each process writes its own, and the last test reads them all. CI names one
// folder for its two runs.
const seenAnswers = process.env.STAMPEDE_SEEN_ANSWERS ?? ownFolder('seen');
// Hundreds of processes start the same code: each takes it as the one before has compiled it.
process.env.NODE_COMPILE_CACHE = ownFolder('compiled');
// The processes of the tests inherit it, and so does the set-up before them.
process.env.STAMPEDE_BUNDLES = ownFolder('bundles');
// Databases that no test removes itself.
process.env.STAMPEDE_SCRATCH = ownFolder('scratch');

const shared = {
  setupFiles: [
    'test/support/silent-console.ts',
    'test/support/meant-runtime.ts',
    'test/support/leave-nothing.ts',
  ],
  // Only a hang takes so long; bench/ measures speed.
  testTimeout: testTimeoutMs,
  hookTimeout: testTimeoutMs,
  expect: { poll: { timeout: patienceMs } },
  // Processes, for native connections and signals. Files follow each other in one: to start one and to load what all
  // of them use took longer than most of their tests.
  pool: 'forks',
  isolate: false,
  execArgv: ['--import', './src/split/quick-imports.ts'],
  // Node's own loader, as in production: no second one translates every file once more.
  experimental: { viteModuleRunner: false, nodeLoader: false },
  // More at once would only wait for each other: a file of contract tests has a server on Node and one on Bun beside it.
  maxWorkers: 2,
  env: { STAMPEDE_SEEN_ANSWERS: seenAnswers },
} as const;

const smallerInQuick = 'the contract and the crowds on Bun and workerd, and crowds and models at full size';

export default defineConfig(({ mode }) => {
  const isQuick = mode === 'quick';
  process.env.TEST_SUITE = isQuick ? 'quick' : 'whole';
  // The sum of both runs needs what the first one has seen.
  const sum = process.env.STAMPEDE_SEEN_ANSWERS ? [] : ['test/sum/**'];
  const inOtherRun: Record<string, string[]> = {
    quick: Object.keys(onlyInWhole),
    rest: [...sameInQuick, ...sum],
  };
  const exclude = [...configDefaults.exclude, ...(inOtherRun[mode] ?? [])];
  const leftOut = isQuick ? [smallerInQuick, ...Object.values(onlyInWhole)] : [];
  return {
    test: {
      reporters: ['default', new ClosingReporter(leftOut)],
      projects: [
        {
          test: {
            ...shared,
            exclude,
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
            exclude,
            name: 'server',
            // Much of what the whole suite does is waiting: for a hold to run out, for a client that drips, for a page.
            maxWorkers: isQuick ? 3 : 4,
            globalSetup: ['test/support/worker-bundle.ts'],
            include: [
              'test/{contract,edge,first-run,browser,history,package,security,runtimes,smoke}/**/*.test.ts',
              'test/fault/{kill,disk/*,process/*}.test.ts',
            ],
            sequence: { groupOrder: 2 },
          },
        },
        {
          test: {
            ...shared,
            exclude,
            name: 'crowd',
            globalSetup: isQuick ? [] : ['test/support/worker-bundle.ts'],
            include: ['test/crowd/**/*.test.ts'],
            // A crowd takes every core there is.
            maxWorkers: 1,
            sequence: { groupOrder: 3 },
          },
        },
        {
          test: {
            ...shared,
            exclude,
            name: 'sum',
            include: ['test/sum/*.test.ts'],
            sequence: { groupOrder: 4 },
          },
        },
      ],
    },
  };
});
