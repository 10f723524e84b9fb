/** `npm run bench:export`: purchases alternately with and without an export of a million orders. */

import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopCleanly } from '../../src/crowd/checkout-server.ts';
import { createDrops, type OpenDrop } from '../load/drop-for-load.ts';
import { type GeneratorResult, runGenerator } from '../load/generator-protocol.ts';
import { plainMix } from '../load/requests.ts';
import { type MeasuredServer, type RuntimeName, scratchFolder, startServer } from '../rounds/server.ts';
import { spreadOf } from '../rounds/spread.ts';
import { type Download, keepDownloading, residentMib } from './download.ts';
import { fill } from './fill.ts';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '1000000' },
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    runtime: { type: 'string', default: 'node' },
  },
});
const orders = Number(values.orders);
const rounds = Number(values.rounds);
const runtime: RuntimeName = values.runtime === 'bun' ? 'bun' : 'node';

interface Run {
  result: GeneratorResult;
  /** Resident memory of the server, sampled every 0.5 s. */
  memoryMib: number[];
  downloads: Download[];
}

const fixed = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

async function run(server: MeasuredServer, drop: OpenDrop, withExport: boolean): Promise<Run> {
  const { hostname, port } = new URL(server.url);
  const memoryMib: number[] = [];
  const watching = setInterval(() => memoryMib.push(residentMib(server.pid)), 500);
  const endDownloads = withExport ? keepDownloading(server, drop.id) : async () => [];
  const result = await runGenerator(
    {
      arrivals: {
        ratePerSecond: Number(values.rate),
        seconds: Number(values.seconds),
        readShare: 0,
        randomSeed: 1,
      },
      pool: { connections: 500, connectionsMax: 5_000 },
      target: { host: hostname, port: Number(port), drops: [drop], secretKey: server.secretKey },
      mix: plainMix,
      payShare: 0,
      acknowledgedFile: join(
        dirname(server.databaseFile),
        `acknowledged-${runs.with.length + runs.without.length}.txt`,
      ),
      progressEveryMs: 60_000,
    },
    () => undefined,
  );
  const downloads = await endDownloads();
  clearInterval(watching);
  return { result, memoryMib, downloads };
}

function lineOf(name: string, { result, memoryMib, downloads }: Run): string {
  const { p50, p95, p99, p999, max } = result.latencyMs.writes;
  const exports = downloads.map(({ seconds, lines }) => `${lines - 1} orders in ${seconds.toFixed(1)} s`);
  return [
    name.padEnd(8),
    `done ${result.done}  held ${result.outcomes.held}  dropped ${result.dropped}  errors ${result.outcomes.error}`,
    `ms p50 ${fixed(p50)}  p95 ${fixed(p95)}  p99 ${fixed(p99)}  p99.9 ${fixed(p999)}  max ${fixed(max)}`,
    `MiB ${fixed(Math.min(...memoryMib))} to ${fixed(Math.max(...memoryMib))}`,
    ...exports,
  ].join('   ');
}

const databaseFile = join(scratchFolder(), 'drop.db');
const first = await startServer({ runtime, databaseFile });
const [drop] = await createDrops(first, { stock: 3_000_000 + 3 * orders, drops: 1, itemsPerDrop: 3 });
if (!drop) throw new Error('The drop was not created.');
await stopCleanly(first);
process.stdout.write(`filling ${orders} orders\n`);
fill(databaseFile, orders);
const server = await startServer({ runtime, databaseFile, env: { WARM_UP: 'on' }, startDeadlineMs: 60_000 });
const runs = { without: [] as Run[], with: [] as Run[] };
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['without', 'with'] as const) {
      const made = await run(server, drop, name === 'with');
      runs[name].push(made);
      process.stdout.write(`${lineOf(name, made)}\n`);
    }
  }
} finally {
  await stopCleanly(server);
}
const p99 = (name: keyof typeof runs): number =>
  spreadOf(runs[name].map(({ result }) => result.latencyMs.writes.p99)).median;
const ratio = p99('with') / p99('without');
const all = [...runs.with, ...runs.without];
const hasFailed = all.some(({ result }) => result.outcomes.error > 0 || result.outcomes.held !== result.done);
const isShort = runs.with.some(({ downloads }) => downloads.some(({ lines }) => lines - 1 < orders));
process.stdout.write(
  `${runtime}: median p99 of purchases ${fixed(p99('with'))} ms with, ${fixed(p99('without'))} ms without: ${ratio.toFixed(2)} times\n` +
    `${hasFailed ? 'FAILED: not every purchase was held\n' : ''}${isShort ? 'FAILED: an export was short\n' : ''}`,
);
rmSync(dirname(databaseFile), { recursive: true });
process.exitCode = hasFailed || isShort ? 1 : 0;
