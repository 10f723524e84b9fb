/**
 * How long properties are searched for a counterexample: FC_RUNS asks for more, FC_SEED repeats a search, and
 * FC_SHRINK=off tells the first counterexample as it was found.
 */
import type { Parameters } from 'fast-check';
import { sized } from '../support/suite.ts';

const { FC_RUNS, FC_SEED, FC_SHRINK } = process.env;

/** Far above what a run takes, so that only a hang is cut off. */
const RUN_MAX_MS = 2_000;
/** A counterexample is made smaller for so long, and then told as it is. */
const SHRINK_MAX_MS = 20_000;

/** The quick suite searches a tenth of the normal runs. */
const QUICK_SHARE = 0.1;

/** `normal` runs, or as many as FC_RUNS says; a failure prints its seed. */
export function runs<T>(normal: number): Parameters<T> {
  const numRuns = Number(FC_RUNS ?? Math.ceil(normal * sized(1, QUICK_SHARE)));
  const interruptAfterTimeLimit = numRuns * RUN_MAX_MS + SHRINK_MAX_MS;
  return {
    numRuns,
    interruptAfterTimeLimit,
    markInterruptAsFailure: true,
    endOnFailure: FC_SHRINK === 'off',
    ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }),
  };
}

/** The deadline of the test around a property, in milliseconds: the search ends by itself before. */
export const searchDeadlineMs = (normal: number): number =>
  (runs(normal).interruptAfterTimeLimit ?? 0) + SHRINK_MAX_MS;
