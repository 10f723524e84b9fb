/**
 * `npm run bench:soak`: ten minutes at half of the server's capacity, to find growth of memory,
 * handles or the WAL.
 */
import { readdirSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { residentMib } from '../export/download.ts';
import { profiles } from '../load/profiles.ts';
import { runLoad } from '../load/run.ts';
import type { Contender, Running } from '../rounds/contender.ts';
import { stampede } from '../rounds/stampede.ts';
import { tableText } from '../rounds/table.ts';

const usage = `usage: npm run bench:soak -- [--minutes N] [--rate N] [--runtime node|bun]\n`;
const pollMs = 5_000;

interface Sample {
  minute: number;
  residentMib: number;
  handles: number;
  walMib: number;
  /** Latency of GET /livez, which shows a blocked event loop. */
  livezMs: number;
}

async function sample(server: Running, walFile: string, startMs: number): Promise<Sample> {
  const sentMs = performance.now();
  await (await fetch(`${server.url}/livez`)).text();
  return {
    minute: (sentMs - startMs) / 60_000,
    residentMib: residentMib(server.pid),
    handles: readdirSync(`/proc/${server.pid}/fd`).length,
    walMib: statSync(walFile).size / 2 ** 20,
    livezMs: performance.now() - sentMs,
  };
}

/** Returns the same server, sampled while it runs. */
function watched(contender: Contender, samples: Sample[]): Contender {
  return {
    name: contender.name,
    async start(folder) {
      const server = await contender.start(folder);
      const startMs = performance.now();
      const timer = setInterval(
        () =>
          void sample(server, `${folder}/drop.db-wal`, startMs).then(
            (seen) => samples.push(seen),
            (error: unknown) => process.stderr.write(`a sample failed: ${error}\n`),
          ),
        pollMs,
      );
      return {
        ...server,
        stop: () => {
          clearInterval(timer);
          return server.stop();
        },
      };
    },
  };
}

const largest = (samples: readonly Sample[], figure: (look: Sample) => number): number =>
  samples.reduce((most, one) => Math.max(most, figure(one)), 0);

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string', default: '5000' },
      runtime: { type: 'string', default: 'node' },
    },
  });
  const { runtime } = values;
  if (runtime !== 'node' && runtime !== 'bun') throw new Error(`--runtime is node or bun, not ${runtime}.`);
  const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
  if (!(minutes > 0 && rate >= 1)) throw new Error('--minutes and --rate are numbers above 0.');
  const samples: Sample[] = [];
  const stock = rate * minutes * 60 * 2;
  const profile = { ...profiles.seed, name: 'soak', ratePerSecond: rate, seconds: minutes * 60, stock };
  const report = await runLoad(
    watched(stampede({ ...profile, name: runtime, runtime }), samples),
    profile,
    () => undefined,
  );
  const minute = (index: number): Sample[] => samples.filter((one) => Math.floor(one.minute) === index);
  const rows = Array.from({ length: Math.ceil(minutes) }, (_, index) => {
    const ofMinute = minute(index);
    const seconds = report.result.series.filter(
      ({ elapsedMs }) => Math.floor((elapsedMs - 1) / 60_000) === index,
    );
    const p99 = seconds.map(({ recentMs }) => recentMs.p99).sort((one, other) => one - other);
    return [
      String(index + 1),
      largest(ofMinute, (one) => one.residentMib).toFixed(0),
      largest(ofMinute, (one) => one.handles).toFixed(0),
      largest(ofMinute, (one) => one.walMib).toFixed(1),
      largest(ofMinute, (one) => one.livezMs).toFixed(1),
      (p99[p99.length >> 1] ?? 0).toFixed(2),
    ];
  });
  process.stdout.write(
    tableText([
      ['minute', 'RSS MiB', 'handles', 'WAL MiB', 'livez ms, slowest', 'p99 ms, median second'],
      ...rows,
    ]),
  );
  const { result, checks } = report;
  process.stdout.write(
    `done ${result.done}  held ${result.outcomes.held}  dropped ${result.dropped}  errors ${result.outcomes.error}\n`,
  );
  for (const check of checks.filter(({ passed }) => !passed))
    process.stdout.write(`FAIL ${check.name} (${check.detail})\n`);
  return report.passed;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 1;
}
