/**
 * Defines how the tests run: first what needs no server, then what spawns servers, then crowds, then the sum of all.
 * `--mode quick` (`npm test`) runs the part that a contributor waits for, and is read by test/support/suite.ts. `--mode rest`
 * runs what the whole suite adds to it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { ClosingReporter } from './test/support/closing-reporter.ts';
import { patienceMs, testTimeoutMs } from './test/support/patience.ts';
import {
  longServerTests,
  longUnitTests,
  onlyInQuick,
  onlyInWhole,
  sizedTests,
} from './test/support/suite.ts';

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
// What one process of the run makes for all, such as the Worker's bundle.
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
  execArgv: ['--import', './src/split/workarounds/quick-imports.ts'],
  // Node's own loader, as in production: no second one translates every file once more.
  experimental: { viteModuleRunner: false, nodeLoader: false },
  // More at once would only wait for each other: a file of contract tests has a server on Node and one on Bun beside it.
  maxWorkers: 2,
} as const;

const unitTests = [
  'test/unit/**/!(on-bun).test.ts',
  'test/property/!(on-bun).test.ts',
  'test/reliability/{audit,judge}.test.ts',
];
const serverTests = [
  'test/{browser,contract,edge,security}/**/*.test.ts',
  'test/{property,unit/split}/on-bun.test.ts',
  'test/reliability/{history,disk,process}/*.test.ts',
  'test/reliability/kill.test.ts',
];
const lastTests = 'test/contract/sum/*.test.ts';

type Settings = TestProjectInlineConfiguration['test'] & {
  name: string;
  include: string[];
  exclude?: string[];
};

/** A project whose tests run after those with a lower `order`. */
const project = (order: number, { exclude = [], env = {}, ...settings }: Settings) => ({
  test: {
    ...shared,
    ...settings,
    exclude: [...configDefaults.exclude, ...exclude],
    env: { STAMPEDE_SEEN_ANSWERS: seenAnswers, ...env },
    sequence: { groupOrder: order },
  },
});

const serverBundle = 'test/support/server-bundle.ts';

const unit = (include: string[], exclude: string[] = []) => project(1, { name: 'unit', include, exclude });
/** `maxWorkers`: much of what these tests do is waiting: for a hold to expire, for a slow client, for a page. */
const server = (settings: Partial<Settings>) =>
  project(2, { name: 'server', include: serverTests, maxWorkers: 4, globalSetup: serverBundle, ...settings });
/** One at a time: a crowd takes every core. */
const crowds = (exclude: string[] = []) => {
  const include = ['test/reliability/crowd/**/*.test.ts'];
  return project(3, { name: 'crowd', include, exclude, globalSetup: serverBundle, maxWorkers: 1 });
};
const sum = project(4, { name: 'sum', include: [lastTests] });

const longTests = Object.keys(onlyInWhole);
const longOfServers = Object.keys(longServerTests);

const suites = {
  quick: () => [unit(unitTests, longTests), server({ exclude: longTests, maxWorkers: 3 }), crowds(longTests)],
  // What `npm test` runs on Node, the rest runs on the other runtimes.
  rest: () => [
    unit([...Object.keys(longUnitTests), ...sizedTests]),
    server({ include: longOfServers }),
    server({
      name: 'other runtimes',
      exclude: [...longOfServers, ...onlyInQuick, lastTests],
      env: { TEST_AFTER_QUICK: 'true' },
    }),
    crowds(),
    ...(process.env.STAMPEDE_SEEN_ANSWERS ? [sum] : []),
  ],
  whole: () => [unit(unitTests), server({ exclude: [lastTests] }), crowds(), sum],
};

const smallerInQuick = 'the contract and the crowds on Bun and workerd, and crowds and models at full size';

export default defineConfig(({ mode }) => {
  const suite = mode === 'quick' || mode === 'rest' ? mode : 'whole';
  process.env.TEST_SUITE = suite === 'quick' ? 'quick' : 'whole';
  const leftOut = suite === 'quick' ? [smallerInQuick, ...Object.values(onlyInWhole)] : [];
  return { test: { reporters: ['default', new ClosingReporter(leftOut)], projects: suites[suite]() } };
});
