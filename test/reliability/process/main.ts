/**
 * Kills, stalls and starves real servers, moves their clocks, and checks the results: `npm run
 * test:process`.
 */
import { parseArgs } from 'node:util';
import { recordCount } from '../record-count.ts';
import type { CaseResult } from '../run-case.ts';
import { ciSize, deepSize, type Size, type Suite, suites } from './suites.ts';

const usage = `npm run test:process -- [--deep] [--seed N] [--runtime node|bun] [--shards N] [--only CLASS]…
  CLASS: ${suites.map((suite) => suite.class).join(', ')}`;
const write = (line: string): void => void process.stdout.write(`${line}\n`);

/** Servers mostly wait during their starts: two concurrent cases use two cores. */
const SHARDS = 2;

function readOptions() {
  const { values } = parseArgs({
    options: {
      deep: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      runtime: { type: 'string' },
      shards: { type: 'string', default: String(SHARDS) },
      only: { type: 'string', multiple: true },
    },
  });
  const seed = Number(values.seed);
  const shards = Number(values.shards);
  const { runtime } = values;
  const chosen = suites.filter((suite) => values.only?.includes(suite.class) ?? true);
  const isUsable = Number.isInteger(seed) && Number.isInteger(shards) && shards > 0 && chosen.length > 0;
  if (!isUsable || (runtime !== undefined && runtime !== 'node' && runtime !== 'bun')) {
    process.stderr.write(`Usage: ${usage}\n`);
    process.exit(2);
  }
  const size: Size = { ...(values.deep ? deepSize : ciSize), seed };
  if (runtime !== undefined) Object.assign(size, { runtimes: [runtime], fewRuntimes: [runtime] });
  return { chosen, size, shards };
}

/** Runs all cases of a suite, some concurrently. */
async function play(suite: Suite, size: Size, shards: number): Promise<CaseResult[]> {
  const waiting = suite.plays(size);
  const results: CaseResult[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const one = await next();
      results.push(one);
      for (const violation of one.violations) write(`  VIOLATION ${violation}`);
      if (one.figures) write(`  ${JSON.stringify(one.figures)}`);
    }
  };
  await Promise.all(Array.from({ length: shards }, work));
  return results;
}

function addUp(results: readonly CaseResult[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { counted = {} } of results) {
    for (const [name, count] of Object.entries(counted)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

const { chosen, size, shards } = readOptions();
write(`seed ${size.seed}`);
let found = 0;
for (const suite of chosen) {
  const begunMs = performance.now();
  write(`\n== ${suite.class}`);
  const results = await play(suite, size, shards);
  const violations = results.reduce((sum, one) => sum + one.violations.length, 0);
  found += violations;
  const line = recordCount({
    class: suite.class,
    cases: results.reduce((sum, one) => sum + one.cases, 0),
    seeds: [size.seed],
    violations,
    seconds: Math.round((performance.now() - begunMs) / 1000),
    ...addUp(results),
  });
  write(line);
}
process.exit(found === 0 ? 0 : 1);
