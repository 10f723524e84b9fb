/** What a load run and its generator process say to each other. */
import type { ArrivalPlan } from '../../src/crowd/arrivals.ts';
import type { PoolSize } from '../../src/crowd/connection-pool.ts';
import type { Measured, Tally } from './measurements.ts';
import type { Mix, Target } from './requests.ts';

export interface GeneratorPlan {
  arrivals: ArrivalPlan;
  pool: PoolSize;
  target: Target;
  mix: Mix;
  /** Part of what doesn't read, 0..1, that pays for an order, as far as one waits for it. */
  payShare: number;
  /** Where to leave the acknowledged orders. */
  acknowledgedFile: string;
  progressEveryMs: number;
}

export interface Progress extends Tally {
  elapsedMs: number;
}

export interface GeneratorResult extends Measured {
  /** From the first arrival's due time to the last answer. */
  elapsedMs: number;
  /** How the run stood, each `progressEveryMs`. */
  series: Progress[];
  /** Connections at the end. */
  connections: number;
  acknowledged: number;
  /** Purchases that may be in the file although nobody was told. */
  unknown: number;
  /** Answers that speak of a lock. */
  lockErrors: number;
  /** The first few errors in full. */
  errorSamples: string[];
  /** Processor time of the generator, user and kernel, as a part of one core. */
  generatorCores: number;
}

export type GeneratorMessage =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'result'; result: GeneratorResult };
