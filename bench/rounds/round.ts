/** Runs one contender once: a fresh server, a fresh client in a closed loop, and the checks. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Ask, ClosedPlan, ClosedResult } from './closed-loop.ts';
import type { Contender } from './contender.ts';
import { runPlan } from './plan-process.ts';
import { processorMs } from './processor-time.ts';
import { scratchFolder } from './server.ts';

const client = new URL('./client.ts', import.meta.url);
const warmUpMs = 1_500;

export interface Figures {
  perSecond: number;
  /** From sending a request to its answer. */
  p50Ms: number;
  p99Ms: number;
  /**
   * Processor time of the server's process per request, in microseconds; null if the system does
   * not report it.
   */
  serverUs: number | null;
  /** Part of a core that the client used: near 1, the client is the bottleneck. */
  clientCores: number;
}

export interface RoundSettings {
  ask: Ask;
  connections: number;
  measuredMs: number;
}

/**
 * Runs the client in a process of its own, and calls `onMeasured` at both edges of the measured
 * time. Rejects if the client fails.
 */
export const runClient = (
  plan: ClosedPlan,
  onMeasured: (edge: 'begin' | 'end') => void,
): Promise<ClosedResult> => runPlan(client, plan, onMeasured);

/** Throws if an answer was invalid, or the stored data differs from the answers. */
export async function runRound(
  contender: Contender,
  { ask, connections, measuredMs }: RoundSettings,
): Promise<Figures> {
  const folder = scratchFolder();
  const acknowledgedFile = join(folder, 'acknowledged.txt');
  const stored = join(folder, 'server');
  mkdirSync(stored);
  const server = await contender.start(stored);
  let cpuMs: number | null = null;
  let result: ClosedResult;
  try {
    const { hostname, port } = new URL(server.url);
    const { drops, secretKey } = server;
    const target = { host: hostname, port: Number(port), drops, secretKey };
    const plan = { target, ask, connections, warmUpMs, measuredMs, acknowledgedFile };
    result = await runClient(plan, (edge) => {
      const used = processorMs(server.pid);
      cpuMs = edge === 'begin' || cpuMs === null || used === null ? used : used - cpuMs;
    });
  } finally {
    await server.stop();
  }
  const failed = (await server.check(acknowledgedFile, { unknown: result.unknown, paid: 0 })).filter(
    ({ passed }) => !passed,
  );
  const wrong = [...failed.map(({ name, detail }) => `${name} (${detail})`), ...result.errorSamples];
  if (wrong.length > 0) throw new Error(`${contender.name}: ${wrong.join('; ')}. See ${folder}`);
  rmSync(folder, { recursive: true });
  return {
    perSecond: (result.requests / result.measuredMs) * 1000,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    serverUs: cpuMs === null ? null : (cpuMs * 1000) / result.requests,
    clientCores: result.clientCores,
  };
}
