/**
 * `npm run bench:listeners`: purchases with and without ten thousand listeners to the changing
 * stock.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stopCleanly } from '../../src/crowd/checkout-server.ts';
import { residentMib } from '../export/download.ts';
import { createDrops } from '../load/drop-for-load.ts';
import { runGenerator } from '../load/generator-protocol.ts';
import { plainMix } from '../load/requests.ts';
import { type RuntimeName, scratchFolder, startServer } from '../rounds/server.ts';
import { spreadOf } from '../rounds/spread.ts';
import type { AudienceMessage, AudiencePlan, AudienceReport } from './audience.ts';

const { values } = parseArgs({
  options: {
    listeners: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
    runtime: { type: 'string', default: 'node' },
  },
});
const [listeners, rate, seconds, rounds] = [values.listeners, values.rate, values.seconds, values.rounds].map(
  Number,
) as [number, number, number, number];
const runtime: RuntimeName = values.runtime === 'bun' ? 'bun' : 'node';
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

function answerOf(audience: ChildProcess): Promise<AudienceMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<AudienceMessage>();
  const ended = (): void => reject(new Error('The audience ended early.'));
  audience.once('message', resolve).once('exit', ended);
  return promise.finally(() => audience.off('exit', ended));
}

async function gather(plan: AudiencePlan): Promise<() => Promise<AudienceReport>> {
  const audience = fork(fileURLToPath(new URL('./audience.ts', import.meta.url)));
  audience.send(plan);
  await answerOf(audience);
  return async () => {
    audience.send('report');
    const message = await answerOf(audience);
    if (message.kind !== 'report') throw new Error('The audience did not report.');
    return message.report;
  };
}

const databaseFile = join(scratchFolder(), 'drop.db');
const server = await startServer({ runtime, databaseFile, env: { WARM_UP: 'on' }, startDeadlineMs: 60_000 });
const { hostname, port } = new URL(server.url);
const stock = 2 * rate * seconds * rounds + 1_000;
const [drop] = await createDrops(server, { stock, drops: 1, itemsPerDrop: 3 });
if (!drop) throw new Error('The drop was not created.');
const p99s: Record<'with' | 'without', number[]> = { with: [], without: [] };
let hasFailed = false;
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['without', 'with'] as const) {
      const plan = { host: hostname, port: Number(port), path: `/drops/${drop.id}/stock`, listeners };
      const restMib = residentMib(server.pid);
      const report = name === 'with' ? await gather(plan) : null;
      const result = await runGenerator(
        {
          arrivals: { ratePerSecond: rate, seconds, readShare: 0, randomSeed: round + 1 },
          pool: { connections: 500, connectionsMax: 5_000 },
          target: { host: hostname, port: Number(port), drops: [drop], secretKey: server.secretKey },
          mix: plainMix,
          payShare: 0,
          acknowledgedFile: join(dirname(databaseFile), `acknowledged-${round}-${name}.txt`),
          progressEveryMs: 60_000,
        },
        () => undefined,
      );
      const mib = residentMib(server.pid);
      const received = await report?.();
      const { p50, p95, p99 } = result.latencyMs.writes;
      p99s[name].push(p99);
      hasFailed ||= result.outcomes.error > 0 || (received !== undefined && received.connected !== listeners);
      say(
        [
          name.padEnd(8),
          `held ${result.outcomes.held}  dropped ${result.dropped}  errors ${result.outcomes.error}`,
          `ms p50 ${p50.toFixed(1)}  p95 ${p95.toFixed(1)}  p99 ${p99.toFixed(1)}`,
          `MiB ${restMib.toFixed(0)} to ${mib.toFixed(0)}`,
          ...(received
            ? [
                `listening ${received.connected}  events ${received.events}`,
                `after the first listener ms p50 ${received.spreadP50Ms}  p99 ${received.spreadP99Ms}  max ${received.spreadMaxMs}`,
              ]
            : []),
        ].join('   '),
      );
    }
  }
} finally {
  await stopCleanly(server);
}
say(
  `${runtime}: median p99 of purchases ${spreadOf(p99s.with).median.toFixed(1)} ms with ${listeners} listeners, ` +
    `${spreadOf(p99s.without).median.toFixed(1)} ms without${hasFailed ? '; FAILED: an error, or a listener was disconnected' : ''}`,
);
rmSync(dirname(databaseFile), { recursive: true });
process.exitCode = hasFailed ? 1 : 0;
