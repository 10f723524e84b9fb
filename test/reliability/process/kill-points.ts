/** Kills a server at chosen places under load, and checks the state after its restart. */

import { FaultRun, type MachineRuntime } from '../fault-run.ts';
import { wholeBetween } from '../random.ts';
import { type CaseResult, runCase } from '../run-case.ts';
import type { FaultAt } from './places.ts';

/** Places that a crowd reaches, and how many passages may precede the kill. */
const crowdedPlaces = [
  ['after BEGIN', 60],
  ['between two commands', 200],
  ['before COMMIT', 60],
  ['after COMMIT', 60],
  ['the answer is on the HTTP side', 60],
  ['before the response', 200],
] as const;

/** The WAL is worth a checkpoint only now and then. */
const checkpointPlaces = [
  ['a checkpoint copies', 3],
  ['a checkpoint has copied', 3],
  ['before the tail of a checkpoint', 3],
  ['after the tail of a checkpoint', 3],
] as const;

/** Milliseconds without a purchase, until the idle server checkpoints its WAL. */
const REST_MS = 400;

async function killOnce(run: FaultRun, fault: FaultAt): Promise<void> {
  await run.exchangeForFaulty(fault);
  const crowd = run.letIn();
  await run.expectKilled(`at passage ${fault.passage} of "${fault.place}"`);
  await crowd.end();
  await run.recover();
  run.cases += 1;
}

/** Under load until a checkpoint is due, then idle: one of them meets it. */
async function killAtCheckpoint(run: FaultRun, fault: FaultAt): Promise<void> {
  try {
    await run.exchangeForFaulty(fault);
  } catch (error) {
    // A start also copies the log that the life before has left: the kill may meet it.
    if (String(error).includes("can't start")) throw error;
    await run.recover();
    run.cases += 1;
    return;
  }
  for (let load = 0; load < 20; load += 1) {
    const crowd = run.letIn();
    await run.ended(REST_MS);
    await crowd.end();
    if (await run.ended(REST_MS)) break;
  }
  await run.expectKilled(`at passage ${fault.passage} of "${fault.place}"`);
  await run.recover();
  run.cases += 1;
}

/**
 * Records a violation if no kill left an acknowledged call, or an unknown one: the run would prove
 * nothing.
 */
function countKills(run: FaultRun): Record<string, number> {
  const kills = run.cases;
  const { ok: acknowledged = 0 } = run.counts();
  run.expect(acknowledged > kills, `only ${acknowledged} calls were acknowledged in ${kills} kills`);
  run.expect(run.replayed > 0, `nothing was unknown after ${kills} kills`);
  return { crowdKills: kills, acknowledged, replayed: run.replayed };
}

interface Kills {
  rounds: number;
  /** Includes the places that a server reaches only with a long log. */
  withCheckpoints: boolean;
  seed: number;
}

/** Every place, `rounds` times, at passages that the seed chooses. */
export const killAtPlaces = (
  runtime: MachineRuntime,
  { rounds, withCheckpoints, seed }: Kills,
): Promise<CaseResult> =>
  runCase('killed at a place', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    const passage = (max: number): number => wholeBetween(run.random, 1, max);
    const atCheckpoints = withCheckpoints ? checkpointPlaces : [];
    for (let round = 0; round < rounds; round += 1) {
      for (const [place, max] of crowdedPlaces) {
        await killOnce(run, { place, passage: passage(max), act: 'kill' });
      }
      for (const [place, max] of atCheckpoints) {
        const act = place === 'a checkpoint copies' ? 'kill soon' : 'kill';
        await killAtCheckpoint(run, { place, passage: passage(max), act });
      }
    }
    await run.stop();
    return { counted: countKills(run) };
  });

/** One place, once. */
export const killAt = (runtime: MachineRuntime, place: string, passage: number, seed: number) =>
  runCase(`killed at "${place}"`, new FaultRun(runtime, seed), async (run) => {
    await run.open();
    await killOnce(run, { place, passage, act: 'kill' });
    await run.stop();
    return undefined;
  });
