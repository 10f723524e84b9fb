/** Plants each fault in a copy of the source and runs the tests that must notice it: a suite that can't fail proves nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../fault/random.ts';
import type { Planted } from '../fault/reliability-text.ts';
import { copyPatched, folderForCopy, type Patch } from '../support/patched-copy.ts';
import { root } from '../support/server-process.ts';
import { allFaults } from './all-faults.ts';
import type { Fault } from './stock-faults.ts';

const copied = [
  'src',
  'drizzle',
  'test',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'wrangler.toml',
];
/** A fault that lets a test hang is noticed by that: twice what the slowest of these tests takes, which waits out a deadline. */
const hangMs = 30_000;
const runDeadlineMs = 240_000;

/** The part of vitest's JSON report that is read here. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    message: string;
    assertionResults: { status: string; title: string }[];
  }[];
}

interface Verdict {
  /** `file: test` of the first test that failed; null where all passed. */
  failed: string | null;
  /** Why the run says nothing: a file that did not load, or no test at all. */
  broken: string | null;
  seconds: number;
}

function judge(folder: string, report: Report): Omit<Verdict, 'seconds'> {
  const unloaded = report.testResults.find((file) => file.assertionResults.length === 0);
  if (unloaded || report.numPassedTests + report.numFailedTests === 0) {
    return {
      failed: null,
      broken: unloaded ? `${unloaded.name}: ${unloaded.message}` : 'no tests were found',
    };
  }
  for (const { name, assertionResults } of report.testResults) {
    const test = assertionResults.find(({ status }) => status === 'failed');
    if (test) return { failed: `${name.slice(folder.length + 1)}: ${test.title}`, broken: null };
  }
  return { failed: null, broken: null };
}

/** Runs test files in a patched copy of the source. Throws where a patch does not fit. */
async function runWith(patches: readonly Patch[], tests: readonly string[], only?: string): Promise<Verdict> {
  const startedMs = performance.now();
  const folder = folderForCopy();
  try {
    copyPatched(folder, copied, patches);

    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const reportFile = join(folder, 'report.json');
    const child = spawn(
      process.execPath,
      [
        vitest,
        'run',
        '--reporter=json',
        `--outputFile=${reportFile}`,
        ...(only === undefined ? [] : ['-t', only]),
        ...tests,
      ],
      {
        cwd: folder,
        stdio: 'ignore',
        env: { ...process.env, FC_SHRINK: 'off', TEST_TIMEOUT_MS: String(hangMs) },
        timeout: runDeadlineMs,
      },
    );
    await once(child, 'exit');
    const seconds = (performance.now() - startedMs) / 1000;
    if (!existsSync(reportFile)) return { failed: null, broken: 'the run ended without a report', seconds };
    return { ...judge(folder, JSON.parse(readFileSync(reportFile, 'utf8'))), seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const row = (name: string, caughtBy: string, seconds: number): boolean =>
  say(`${name.padEnd(52)} ${seconds.toFixed(1).padStart(5)} s  ${caughtBy}`);

async function plant({ class: faultClass, name, patches, tests, only }: Fault): Promise<boolean> {
  const { failed, broken, seconds } = await runWith(patches, tests, only);
  const { RELIABILITY_PLANTED } = process.env;
  if (RELIABILITY_PLANTED) {
    const planted: Planted = { class: faultClass, name, caughtBy: failed };
    appendFileSync(RELIABILITY_PLANTED, `${JSON.stringify(planted)}\n`);
  }
  row(name, failed ?? `NOT CAUGHT${broken === null ? '' : ` (${broken})`}`, seconds);
  return failed !== null;
}

/** Parts of names, of faults or of test files: only those are planted; of these a share by chance, where it is asked for. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    // The tests have just passed as they are, and need not do so again.
    sound: { type: 'boolean', default: false },
  },
});
const fitting = allFaults.filter(({ name, tests }) =>
  (positionals.length > 0 ? positionals : ['']).some((part) =>
    [name, ...tests].some((text) => text.includes(part)),
  ),
);
const random = seededRandom(Number(values.seed));
const faults = fitting
  .map((fault) => ({ fault, place: random() }))
  .sort((one, other) => one.place - other.place)
  .slice(0, Number(values.sample ?? fitting.length))
  .map(({ fault }) => fault);
if (faults.length === 0) {
  say('No fault has such a name or such a test.');
  process.exit(2);
}
if (faults.length < fitting.length) {
  say(`${faults.length} of ${fitting.length} faults, by --seed ${values.seed}`);
}
/** Files that a fault needs whole, and those of which only some tests are needed, with the names of these. */
const whole = new Set(faults.flatMap(({ tests, only }) => (only === undefined ? tests : [])));
const parts = faults.filter(
  ({ tests, only }) => only !== undefined && !tests.every((file) => whole.has(file)),
);
const expectSound = async (tests: Iterable<string>, only?: string): Promise<void> => {
  const files = [...new Set(tests)];
  if (files.length === 0) return;
  const sound = await runWith([], files, only);
  row('(nothing planted)', sound.failed ?? sound.broken ?? 'passes', sound.seconds);
  if (sound.failed === null && sound.broken === null) return;
  say('The tests do not pass as they are: what they say of faults means nothing.');
  process.exit(1);
};
if (!values.sound) {
  await expectSound(whole);
  await expectSound(
    parts.flatMap(({ tests }) => tests),
    parts.map(({ only }) => only).join('|'),
  );
}

const waiting = [...faults];
let caught = 0;
const work = async (): Promise<void> => {
  for (let fault = waiting.shift(); fault; fault = waiting.shift()) if (await plant(fault)) caught += 1;
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
say(`faults: ${faults.length} planted, ${caught} caught`);
process.exit(caught === faults.length ? 0 : 1);
