/** `npm run bench`: times single parts; `npm run bench -- NAME…` runs only those. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runOnBun } from '../rounds/run-on-bun.ts';
import { apply } from './apply.ts';
import { commit } from './commit.ts';
import { ids } from './ids.ts';
import { snapshot } from './snapshot.ts';
import { store } from './store.ts';
import type { Answer, Timing } from './timing.ts';

const benchmarks: Record<string, () => Promise<Answer>> = { snapshot, ids, apply, commit, store };
const usage = `usage: npm run bench -- [${Object.keys(benchmarks).join('|')}]… [--runtime node|bun] [--json FILE]\n`;
const columns = (cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(58) : cell.padStart(12))).join('');
const microseconds = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));

function tableOf(name: string, timings: readonly Timing[]): string {
  const rows = timings.map((timing) =>
    columns([
      timing.name,
      microseconds(timing.medianUs),
      microseconds(timing.p99Us),
      timing.perSecond.toFixed(0),
      String(timing.runs),
    ]),
  );
  return `${[columns([name, 'median us', 'p99 us', 'a second', 'runs']), ...rows].join('\n')}\n\n`;
}

async function answer(names: readonly string[], jsonFile: string | undefined): Promise<number> {
  const found: Record<string, Answer> = {};
  for (const name of names) {
    const given = await benchmarks[name]?.();
    if (!given) continue;
    found[name] = given;
    process.stdout.write(tableOf(name, given.timings));
    for (const sentence of given.wrong) process.stderr.write(`WRONG ${name}: ${sentence}\n`);
  }
  if (jsonFile !== undefined) {
    mkdirSync(dirname(jsonFile), { recursive: true });
    writeFileSync(jsonFile, `${JSON.stringify(found, undefined, 2)}\n`);
  }
  return Object.values(found).every(({ wrong }) => wrong.length === 0) ? 0 : 1;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runtime: { type: 'string', default: 'node' }, json: { type: 'string' } },
  });
  const unknown = positionals.find((name) => !(name in benchmarks));
  if (unknown !== undefined) throw new Error(`There is no benchmark ${unknown}.`);
  if (!['node', 'bun'].includes(values.runtime))
    throw new Error(`--runtime is node or bun, not ${values.runtime}.`);
  const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
  if (values.runtime === 'bun' && process.versions.bun === undefined) {
    return runOnBun(fileURLToPath(import.meta.url), [
      ...names,
      '--runtime',
      'bun',
      ...(values.json === undefined ? [] : ['--json', values.json]),
    ]);
  }
  return answer(names, values.json);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 2;
}
