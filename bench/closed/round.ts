/** One scenario once: a fresh server, a fresh client, and a look at what the server leaves. */
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type RuntimeName,
  type ServerProcess,
  scratchDatabase,
  startServer,
} from '../../test/support/server-process.ts';
import type { Check } from '../load/check-file.ts';
import { checkServer } from '../load/check-server.ts';
import { createDrop, readSynchronous } from '../load/drop-for-load.ts';
import { processorMs } from '../rounds/processor-time.ts';
import type { ClientMessage } from './client.ts';
import type { ClosedPlan, ClosedResult } from './closed-loop.ts';
import type { Scenario } from './scenarios.ts';

const client = fileURLToPath(new URL('./client.ts', import.meta.url));
const warmUpMs = 1_500;

export interface Figures {
  perSecond: number;
  /** Processor time of the whole server for one request, in microseconds; null where the system doesn't tell. */
  serverUs: number | null;
  /** Part of a core that the client took: near 1, it is the client that is measured. */
  clientCores: number;
}

export interface RoundSettings {
  runtime: RuntimeName;
  connections: number;
  measuredMs: number;
}

/** Rejects where the client fails; `onMeasured` is called at the edges of the measured time. */
function runClient(plan: ClosedPlan, onMeasured: (edge: 'begin' | 'end') => void): Promise<ClosedResult> {
  return new Promise((resolve, reject) => {
    const child = fork(client);
    child.on('message', (message: ClientMessage) => {
      if (message.kind === 'result') resolve(message.result);
      else onMeasured(message.kind);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The client ended without a result (code ${code}).`)));
    child.send(plan);
  });
}

/** Throws where an answer was no legal one, or the file is not what the answers said. */
export async function runRound(scenario: Scenario, settings: RoundSettings): Promise<Figures> {
  const { runtime, connections, measuredMs } = settings;
  const isHello = scenario.server === 'hello';
  const databaseFile = scratchDatabase();
  const folder = dirname(databaseFile);
  const acknowledgedFile = join(folder, 'acknowledged.txt');
  const server: ServerProcess = await startServer({
    runtime,
    databaseFile,
    ...(isHello ? { program: 'bench/closed/hello-server.ts' } : { env: { WARM_UP: 'on', ...scenario.env } }),
  });
  let cpuMs: number | null = null;
  let result: ClosedResult;
  const failed: Check[] = [];
  try {
    if (!isHello && (await readSynchronous(server)) !== 'FULL') throw new Error('The server is not at FULL.');
    const drop = isHello ? { id: '', skus: [] } : await createDrop(server, scenario.stock);
    const { hostname, port } = new URL(server.url);
    const target = { host: hostname, port: Number(port), dropId: drop.id, skus: drop.skus };
    const plan = { target, ask: scenario.ask, connections, warmUpMs, measuredMs, acknowledgedFile };
    result = await runClient(plan, (edge) => {
      const used = processorMs(server.pid);
      cpuMs = edge === 'begin' || cpuMs === null || used === null ? used : used - cpuMs;
    });
  } finally {
    await (isHello ? server.kill() : server.stop());
  }
  if (!isHello) failed.push(...(await checkServer(server, acknowledgedFile, result.unknown)));
  const wrong = failed.filter(({ passed }) => !passed).map(({ name, detail }) => `${name} (${detail})`);
  if (result.outcomes.error || wrong.length > 0) {
    throw new Error(`${scenario.name}: ${[...wrong, ...result.errorSamples].join('; ')}. See ${folder}`);
  }
  rmSync(folder, { recursive: true });
  return {
    perSecond: (result.requests / result.measuredMs) * 1000,
    serverUs: cpuMs === null ? null : (cpuMs * 1000) / result.requests,
    clientCores: result.clientCores,
  };
}
