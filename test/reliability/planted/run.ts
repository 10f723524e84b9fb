/** Plants each fault in a copy of the source, and requires the expected assertion to fail. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, matchesGlob } from 'node:path';
import { parseArgs } from 'node:util';
import { copyPatched, folderForCopy } from '../../support/patched-copy.ts';
import { root } from '../../support/server-process.ts';
import { onlyInWhole } from '../../support/suite.ts';
import { seededRandom } from '../random.ts';
import type { Planted } from '../reliability-text.ts';
import { type Fault, patchNamed, readFaults } from './fault.ts';
import { applyFitting, recordChange } from './renew.ts';
import { judge, type Report } from './verdict.ts';

const copied = [
  'src',
  'build',
  'drizzle',
  'deploy',
  'docs',
  'test',
  '.env.example',
  'README.md',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'wrangler.toml',
];
/** When a test counts as hanging: three times what the slowest one takes on a loaded machine. */
const hangMs = 60_000;
const runDeadlineMs = 240_000;
const { RELIABILITY_COUNTS: _, RELIABILITY_PLANTED: plantedFile, ...withoutCounts } = process.env;

/** Whether Node is enough: a test of the contract catches a fault on any runtime. */
const isForNode = (tests: readonly string[], pattern: string): boolean =>
  tests.every(
    (file) =>
      file.startsWith('test/contract/') && !Object.keys(onlyInWhole).some((glob) => matchesGlob(file, glob)),
  ) && !/bun|workerd/.test(pattern);

/** Runs tests in a patched copy of the source. Resolves with null if the run leaves no report. */
async function runWith(
  patches: readonly string[],
  tests: readonly string[],
  pattern: string,
): Promise<Report | null> {
  const folder = folderForCopy();
  try {
    copyPatched(folder, copied, patches);
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const reportFile = join(folder, 'report.json');
    const child = spawn(
      process.execPath,
      [
        ...[vitest, 'run', '--mode', isForNode(tests, pattern) ? 'quick' : 'whole'],
        ...['--reporter=json', `--outputFile=${reportFile}`, '-t', pattern, ...tests],
      ],
      {
        cwd: folder,
        stdio: 'ignore',
        // The cases of a patched copy do not belong into the record.
        env: { ...withoutCounts, FC_SHRINK: 'off', TEST_TIMEOUT_MS: String(hangMs) },
        timeout: runDeadlineMs,
      },
    );
    // The report says more than the exit code: which test failed, and how.
    await once(child, 'exit');
    return existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const row = (name: string, caughtBy: string, seconds: number): boolean =>
  say(`${name.padEnd(52)} ${seconds.toFixed(1).padStart(5)} s  ${caughtBy}`);

/** Runs of the unpatched source by their test files, shared by the faults that name these files. */
const controls = new Map<string, Promise<Report | null>>();
function controlOf({ tests }: Fault, all: readonly Fault[]): Promise<Report | null> {
  const key = tests.join();
  const patterns = all.filter((other) => other.tests.join() === key).map(({ caughtBy }) => `(?:${caughtBy})`);
  const control = controls.get(key) ?? runWith([], tests, [...new Set(patterns)].join('|'));
  controls.set(key, control);
  return control;
}

async function plant(fault: Fault, all: readonly Fault[]): Promise<boolean> {
  const control = await controlOf(fault, all);
  const startedMs = performance.now();
  const run = await runWith([fault.patch], fault.tests, fault.caughtBy);
  const seconds = (performance.now() - startedMs) / 1000;
  const verdict = judge(fault, control, run);
  if (plantedFile) {
    const planted: Planted = { class: fault.class, name: fault.name, ...verdict };
    appendFileSync(plantedFile, `${JSON.stringify(planted)}\n`);
  }
  row(fault.name, verdict.caughtBy ?? `NOT CAUGHT: ${verdict.why}`, seconds);
  return verdict.caughtBy !== null;
}

/** Applies a patch to the source, or records a change of the source. Returns what to print. */
function renew(apply?: string, record?: string): string {
  if (positionals.length > 0 || (apply !== undefined && record !== undefined))
    throw new Error('--apply and --record take one patch, and exclude each other.');
  if (apply !== undefined) return applyFitting(root, patchNamed(apply));
  return recordChange(root, patchNamed(record ?? ''));
}

/** Parts of the names of faults, patches or tests: only these are planted, or a random sample. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    apply: { type: 'string' },
    record: { type: 'string' },
  },
});
if (values.apply !== undefined || values.record !== undefined) {
  try {
    say(renew(values.apply, values.record));
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}
const fitting = readFaults().filter(({ name, patch, tests }) =>
  (positionals.length > 0 ? positionals : ['']).some((part) =>
    [name, patch, ...tests].some((text) => text.includes(part)),
  ),
);
const random = seededRandom(Number(values.seed));
const faults = fitting
  .map((fault) => ({ fault, rank: random() }))
  .sort((one, other) => one.rank - other.rank)
  .slice(0, Number(values.sample ?? fitting.length))
  .map(({ fault }) => fault);
if (faults.length === 0) {
  say('No fault has such a name or such a test.');
  process.exit(2);
}
if (faults.length < fitting.length) {
  say(`${faults.length} of ${fitting.length} faults, by --seed ${values.seed}`);
}
const waiting = [...faults];
let caught = 0;
const work = async (): Promise<void> => {
  for (let fault = waiting.shift(); fault; fault = waiting.shift())
    if (await plant(fault, faults)) caught += 1;
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
say(`faults: ${faults.length} planted, ${caught} caught`);
process.exit(caught === faults.length ? 0 : 1);
