/**
 * Settings of the property searches: FC_RUNS sets the number of runs, FC_SEED repeats a search,
 * FC_SHRINK=off prints the first counterexample unchanged. Each search reports how many cases it
 * checked.
 */
import fc, { type Parameters } from 'fast-check';
import type { FaultClass } from '../reliability/fault-classes.ts';
import { recordCount } from '../reliability/record-count.ts';
import { sized } from '../support/suite.ts';

const { FC_RUNS, FC_SEED, FC_SHRINK } = process.env;

/** Far above a run's duration on a loaded machine, so that only a hang is cut off. */
const RUN_MAX_MS = 15_000;
/** Milliseconds for shrinking a counterexample; then it is printed as it is. */
const SHRINK_MAX_MS = 20_000;

/** The quick suite searches a tenth of the normal runs. */
const QUICK_SHARE = 0.1;

/** The count that a search reports. */
interface Counted {
  class: FaultClass;
  /** The number of checked cases, where it differs from the number of runs. */
  cases?: () => number;
}

const ofModel: Counted = { class: 'model and schedules' };

/** Parameters for `normal` runs, or FC_RUNS; a failure prints its seed. */
export function runs<T>(normal: number, { class: name, cases }: Counted = ofModel): Parameters<T> {
  const begunMs = performance.now();
  const numRuns = Number(FC_RUNS ?? Math.ceil(normal * sized(1, QUICK_SHARE)));
  const interruptAfterTimeLimit = numRuns * RUN_MAX_MS + SHRINK_MAX_MS;
  return {
    numRuns,
    interruptAfterTimeLimit,
    markInterruptAsFailure: true,
    endOnFailure: FC_SHRINK === 'off',
    // Keeps an assertion inside a property recognizable as one.
    includeErrorInReport: true,
    reporter: (found) => {
      recordCount({
        class: name,
        cases: cases?.() ?? found.numRuns,
        seeds: [found.seed],
        violations: found.failed ? 1 : 0,
        seconds: Math.round((performance.now() - begunMs) / 1000),
      });
      if (found.failed) throw new Error(fc.defaultReportMessage(found), { cause: found.errorInstance });
    },
    ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }),
  };
}

/** The timeout of a property's test, in milliseconds: the search ends by itself before it. */
export const searchDeadlineMs = (normal: number): number =>
  (runs(normal).interruptAfterTimeLimit ?? 0) + SHRINK_MAX_MS;
