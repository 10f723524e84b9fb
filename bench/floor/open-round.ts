/** The open loop of the floor bench: the 99th percentile at a fixed rate, ours and the floor's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profiles } from '../load/profiles.ts';
import { runLoad } from '../load/run.ts';
import type { Contender } from '../rounds/contender.ts';
import type { RuntimeName } from '../rounds/server.ts';
import { type Floor, floorName, floorOf } from './closed-round.ts';
import { floor } from './floor-contender.ts';

/** Starts one of our servers for the answers that the floor sends. */
export async function takeFloor(contender: Contender): Promise<Floor> {
  const folder = mkdtempSync(join(tmpdir(), 'stampede-floor-'));
  const running = await contender.start(folder);
  try {
    return await floorOf(running, false);
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Returns the p99 in milliseconds by the contender's name. Throws if a run fails its checks. */
export async function runOpenRound(
  runtime: RuntimeName,
  contenders: readonly Contender[],
  { answers, drops }: Floor,
  seconds: number,
): Promise<Map<string, number>> {
  const profile = { ...profiles.seed, seconds, hotShare: 1 };
  const p99Ms = new Map<string, number>();
  const all = [{ ...floor(runtime, answers, drops), name: floorName }, ...contenders];
  for (const contender of all) {
    const report = await runLoad(contender, profile, () => undefined);
    if (!report.passed) {
      const wrong = report.checks.filter(({ passed }) => !passed).map(({ detail }) => detail);
      throw new Error(`${contender.name}: ${wrong.join('; ')}. See ${report.folder}`);
    }
    p99Ms.set(contender.name, report.result.latencyMs.all.p99);
  }
  return p99Ms;
}
