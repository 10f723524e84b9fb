/** Every class of faults, one after the other, counted: `npm run test:fault`; with --write the counts become RELIABILITY.md. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { allFaults } from '../planted/all-faults.ts';
import { root } from '../support/server-process.ts';
import type { FaultClass } from './fault-classes.ts';
import { type Count, type Planted, reliabilityText } from './reliability-text.ts';

interface Part {
  name: string;
  /** After the name of the program, which is this Node. */
  command: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** What the part does not count by itself, once it has run. */
  counts?: () => Omit<Count, 'violations' | 'seconds'>[];
}

const usage = 'npm run test:fault -- [--deep] [--seed N] [--only PART]… [--write]';
const vitest = 'node_modules/vitest/vitest.mjs';

function readOptions() {
  const { values } = parseArgs({
    options: {
      deep: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string', multiple: true },
      write: { type: 'boolean', default: false },
    },
  });
  if (!/^\d{1,9}$/.test(values.seed)) {
    process.stderr.write(`Usage: ${usage}\n`);
    process.exit(2);
  }
  return values;
}

const { deep, seed, only, write } = readOptions();
const properties = deep ? 1_000 : 60;
const histories = deep ? 20 : 2;
const fuzzedBatches = deep ? 200 : 10;
const isDeep = deep ? ['--deep'] : [];

const folder = mkdtempSync(join(tmpdir(), 'stampede-counts-'));
const countsFile = join(folder, 'counts.jsonl');
const plantedFile = join(folder, 'planted.jsonl');
const rulesFile = join(folder, 'rules.json');

/** The files of the classes whose cases are single tests, each by the first class that has it. */
const rules = new Map<string, FaultClass>();
for (const { class: name, tests } of allFaults) {
  const files = tests.filter(
    (file) => !/^test\/(property|history|security|fault\/(disk|process))\//.test(file),
  );
  for (const file of files) if (!rules.has(file)) rules.set(file, name);
}
rules.set('test/fault/judge.test.ts', 'rules of the audit');
rules.set('test/contract/overload.test.ts', 'overload');

/** What ran of them, by class. */
function testsCounted(): Omit<Count, 'violations' | 'seconds'>[] {
  if (!existsSync(rulesFile)) return [];
  const report = JSON.parse(readFileSync(rulesFile, 'utf8')) as {
    testResults: { name: string; assertionResults: { status: string }[] }[];
  };
  const cases = new Map<FaultClass, number>();
  for (const { name, assertionResults } of report.testResults) {
    const group = rules.get(relative(root, name));
    const passed = assertionResults.filter(({ status }) => status === 'passed').length;
    if (group) cases.set(group, (cases.get(group) ?? 0) + passed);
  }
  return [...cases].map(([name, passed]) => ({ class: name, cases: passed, seeds: [] }));
}

const parts: readonly Part[] = [
  {
    name: 'disk',
    command: ['test/fault/disk/main.ts', ...isDeep, '--seed', seed, ...(deep ? [] : ['--images', '1500'])],
  },
  { name: 'process', command: ['test/fault/process/main.ts', ...isDeep, '--seed', seed] },
  {
    name: 'properties',
    command: [vitest, 'run', '--project', 'unit', 'test/property'],
    env: { FC_RUNS: String(properties), FC_SEED: seed },
    // The shop, its batches, its money and its schedules.
    counts: () => [{ class: 'model and schedules', cases: properties * 4, seeds: [Number(seed)] }],
  },
  {
    name: 'histories',
    command: [vitest, 'run', '--project', 'server', 'test/history'],
    env: { HISTORY_ROUNDS: String(histories) },
    // Three runtimes, two with two threads, two through a crash.
    counts: () => [
      {
        class: 'linearizable histories',
        cases: histories * 7,
        seeds: Array.from({ length: histories }, (_, index) => index + 1),
      },
    ],
  },
  {
    name: 'security',
    command: [vitest, 'run', '--project', 'server', 'test/security'],
    env: { FC_RUNS: String(fuzzedBatches), FC_SEED: seed },
    counts: () => [
      // A hundred requests in each batch, in process and over the sockets of two runtimes.
      { class: 'hostile requests and clients', cases: fuzzedBatches * 300, seeds: [Number(seed)] },
    ],
  },
  {
    name: 'rules',
    command: [
      vitest,
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${rulesFile}`,
      ...rules.keys(),
    ],
    counts: () => testsCounted(),
  },
  { name: 'planted', command: ['test/planted/run.ts', ...(deep ? [] : ['--sample', '6', '--seed', seed])] },
];

const linesOf = <T>(file: string): T[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as T)
    : [];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const own: Count[] = [];
const failed: string[] = [];
say(`seed ${seed}`);
for (const { name, command, env, counts } of parts.filter((part) => only?.includes(part.name) ?? true)) {
  say(`\n==== ${name}`);
  const begunMs = performance.now();
  const child = spawn(process.execPath, [...command], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env, RELIABILITY_COUNTS: countsFile, RELIABILITY_PLANTED: plantedFile },
  });
  const [code] = await once(child, 'exit');
  const seconds = Math.round((performance.now() - begunMs) / 1000);
  if (code !== 0) failed.push(name);
  for (const count of counts?.() ?? []) own.push({ ...count, violations: code === 0 ? 0 : 1, seconds });
}

const counts = [...linesOf<Count>(countsFile), ...own];
const planted = linesOf<Planted>(plantedFile);
rmSync(folder, { recursive: true });
say('\nclass                                     cases  violations  seconds');
for (const { class: name, cases, violations, seconds } of counts) {
  say(
    `${name.padEnd(38)} ${String(cases).padStart(8)} ${String(violations).padStart(11)} ${String(seconds).padStart(8)}`,
  );
}
say(
  `planted faults: ${planted.length}, caught ${planted.filter(({ caughtBy }) => caughtBy !== null).length}`,
);
say(failed.length === 0 ? 'Nothing was broken.' : `Failed: ${failed.join(', ')}`);
if (write) {
  const where = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: cpus().length };
  writeFileSync(
    join(root, 'RELIABILITY.md'),
    reliabilityText({ counts, planted, failed, seed, deep, where }),
  );
}
process.exit(failed.length === 0 ? 0 : 1);
