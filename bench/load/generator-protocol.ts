/** The messages between a load run and its generator process: the plan, and the figures. */
import type { ArrivalPlan } from '../../src/crowd/arrivals.ts';
import type { PoolSize } from '../../src/crowd/connection-pool.ts';
import { runPlan } from '../rounds/plan-process.ts';
import type { Measured, Tally } from './measurements.ts';
import type { Mix, Target } from './requests.ts';

export interface GeneratorPlan {
  arrivals: ArrivalPlan;
  pool: PoolSize;
  target: Target;
  mix: Mix;
  /** Part of the writes, 0..1, that pay for an order, as long as an unpaid order exists. */
  payShare: number;
  /** File for the acknowledged orders. */
  acknowledgedFile: string;
  progressEveryMs: number;
}

export interface Progress extends Tally {
  elapsedMs: number;
}

export interface GeneratorResult extends Measured {
  /** From the first arrival's due time to the last answer. */
  elapsedMs: number;
  /** The run's progress, each `progressEveryMs`. */
  series: Progress[];
  /** Connections at the end. */
  connections: number;
  acknowledged: number;
  /** Purchases that may be in the file although the client got no answer. */
  unknown: number;
  /** Answers that mention a lock. */
  lockErrors: number;
  /** The first few errors in full. */
  errorSamples: string[];
  /** Processor time of the generator, user and kernel, as a part of one core. */
  generatorCores: number;
}

/** Runs the generator as a process of its own. Rejects if it ends without a result. */
export const runGenerator = (
  plan: GeneratorPlan,
  report: (progress: Progress) => void,
): Promise<GeneratorResult> => runPlan(new URL('./generator.ts', import.meta.url), plan, report);
