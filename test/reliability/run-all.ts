/**
 * Runs and counts every class of faults: `npm run test:fault`; --write puts the counts into
 * RELIABILITY.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { OverloadVerdict } from '../../bench/overload/overload-protocol.ts';
import { root } from '../support/server-process.ts';
import { countRules, ruleFiles } from './count-rules.ts';
import { faultClasses } from './fault-classes.ts';
import { type Count, mergeByClass, type Planted, reliabilityText } from './reliability-text.ts';
import { readCommit } from './source-commit.ts';

interface Part {
  name: string;
  /** The arguments after the program's name, which is this Node. */
  command: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Counts that the part does not record itself, after its run. */
  counts?: () => Count[];
}

/** The results of a part. */
interface Shown {
  name: string;
  hasPassed: boolean;
  counts: Count[];
  planted: Planted[];
}

const usage = `npm run test:fault -- [--deep] [--seed N] [--planted all] [--only PART]… [--write]
  PART: disk, process, properties, histories, security, rules, planted; with --deep also properties-elsewhere,
  overload-node, overload-bun. --write wants all of them in one run of one commit, without changes to its files.`;
const vitest = 'node_modules/vitest/vitest.mjs';

function stopWithUsage(): never {
  process.stderr.write(`Usage: ${usage}\n`);
  process.exit(2);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      deep: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string', multiple: true },
      planted: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  // RELIABILITY.md is written from a whole run only.
  if (!/^\d{1,9}$/.test(values.seed) || (values.write && values.only)) stopWithUsage();
  if (![undefined, 'all'].includes(values.planted)) stopWithUsage();
  return { ...values, plantsAll: values.deep || values.planted === 'all' };
}

const { deep, seed, only, plantsAll, write } = readOptions();
const properties = deep ? 600 : 60;
/** On the other engines, which `npm test` searches as well. */
const propertiesElsewhere = 250;
const histories = deep ? 16 : 2;
const fuzzedBatches = deep ? 200 : 10;
const begunAt = new Date();
const commit = readCommit();
const isQuotable = (): boolean => /^[0-9a-f]+$/.test(commit) && readCommit() === commit;
if (write && !isQuotable()) {
  process.stderr.write(`--write wants a clone without changes; this is ${commit}.\n`);
  process.exit(2);
}
/** Where results are recorded, or in CI, a skipped class is a failure. */
const mayLeaveOut = !write && !process.env.CI;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'stampede-counts-'));
const countsFile = join(folder, 'counts.jsonl');
const plantedFile = join(folder, 'planted.jsonl');
const rulesFile = join(folder, 'rules-report.json');
const overloadFile = join(folder, 'overload.json');

const parts: readonly Part[] = [
  {
    name: 'disk',
    command: ['test/reliability/disk/main.ts', '--seed', seed, ...(deep ? ['--deep'] : ['--images', '1500'])],
  },
  {
    name: 'process',
    command: ['test/reliability/process/main.ts', '--seed', seed, ...(deep ? ['--deep'] : [])],
  },
  {
    name: 'properties',
    command: [vitest, 'run', '--project', 'unit', 'test/property'],
    env: { FC_RUNS: String(properties), FC_SEED: seed },
  },
  ...(deep
    ? [
        {
          name: 'properties-elsewhere',
          command: [
            ...[vitest, 'run', '--project', 'server'],
            ...['test/property/on-bun.test.ts', 'test/edge/property.test.ts'],
          ],
          env: { FC_RUNS: String(propertiesElsewhere), FC_SEED: seed },
        },
      ]
    : []),
  {
    name: 'histories',
    command: [vitest, 'run', '--project', 'server', 'test/reliability/history'],
    env: { HISTORY_ROUNDS: String(histories) },
  },
  {
    name: 'security',
    command: [vitest, 'run', '--project', 'server', 'test/security'],
    env: {
      FC_RUNS: String(fuzzedBatches),
      FC_SEED: seed,
      // Four times a limiter's capacity.
      ...(deep && { FLOOD_REQUESTS: '400000' }),
    },
  },
  {
    name: 'rules',
    command: [
      ...[vitest, 'run', '--reporter=default', '--reporter=json'],
      `--outputFile=${rulesFile}`,
      ...ruleFiles.keys(),
    ],
    counts: () => (existsSync(rulesFile) ? countRules(rulesFile) : []),
  },
  // A minute at five times the capacity is too long for CI, which has unit tests of the rules.
  ...(deep ? ['node', 'bun'] : []).map((runtime) => ({
    name: `overload-${runtime}`,
    command: [
      ...['bench/overload/main.ts', '--runtime', runtime, '--connections-max', '10000'],
      ...['--env', 'WRITE_QUEUE_MAX=1000', '--json', overloadFile],
    ],
    counts: () => (existsSync(overloadFile) ? [countOverload(overloadFile, runtime)] : []),
  })),
  {
    name: 'planted',
    command: ['test/reliability/planted/run.ts', '--seed', seed, ...(plantsAll ? [] : ['--sample', '4'])],
  },
];

function countOverload(file: string, runtime: string): Count {
  const { violations, seconds, figures } = JSON.parse(readFileSync(file, 'utf8')) as OverloadVerdict;
  return { class: 'overload', cases: 1, seeds: [], violations, seconds, [runtime]: figures };
}

const linesOf = <T>(file: string): T[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as T)
    : [];

async function run({ name, command, env, counts }: Part): Promise<Shown> {
  for (const file of [countsFile, plantedFile, rulesFile, overloadFile]) rmSync(file, { force: true });
  const child = spawn(process.execPath, [...command], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...env,
      ...(mayLeaveOut ? {} : { CI: 'true' }),
      RELIABILITY_COUNTS: countsFile,
      RELIABILITY_PLANTED: plantedFile,
    },
  });
  const [code] = await once(child, 'exit');
  return {
    name,
    hasPassed: code === 0,
    counts: [...linesOf<Count>(countsFile), ...(counts?.() ?? [])],
    planted: linesOf<Planted>(plantedFile),
  };
}

const chosen = parts.filter(({ name }) => only?.includes(name) ?? true);
if (only && chosen.length < new Set(only).size) stopWithUsage();
say(`seed ${seed}, commit ${commit}`);
const shown: Shown[] = [];
for (const part of chosen) {
  say(`\n==== ${part.name}`);
  shown.push(await run(part));
}
rmSync(folder, { recursive: true });

const counts = mergeByClass(shown.flatMap((part) => part.counts));
const planted = shown.flatMap((part) => part.planted);
const failed = shown.filter(({ hasPassed }) => !hasPassed).map(({ name }) => name);
// A class without cases has proved nothing.
const tried = new Set(counts.filter(({ cases }) => cases > 0).map((count) => count.class));
const leftOut = only ? [] : faultClasses.filter((name) => !tried.has(name));
if (!mayLeaveOut) failed.push(...leftOut.map((name) => `${name} (no case)`));
say('\nclass                                     cases  violations  seconds');
for (const { class: name, cases, violations, seconds } of counts) {
  say(
    `${name.padEnd(38)} ${String(cases).padStart(8)} ${String(violations).padStart(11)} ${String(seconds).padStart(8)}`,
  );
}
say(
  `planted faults: ${planted.length}, caught ${planted.filter(({ caughtBy }) => caughtBy !== null).length}`,
);
if (leftOut.length > 0) say(`*** NOT TRIED: ${leftOut.join(', ')} ***`);
say(failed.length === 0 ? 'Nothing was broken.' : `Failed: ${failed.join(', ')}`);
if (write) {
  const where = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: cpus().length };
  if (!isQuotable()) {
    process.stderr.write('The files have changed during the run: nothing is written.\n');
    process.exit(1);
  }
  const minutes = Math.max(1, Math.round((Date.now() - begunAt.getTime()) / 60_000));
  const run = { commit, seed, deep, plantsAll, begunAt, minutes, where };
  writeFileSync(join(root, 'RELIABILITY.md'), reliabilityText({ counts, planted, failed, run }));
}
process.exit(failed.length === 0 ? 0 : 1);
