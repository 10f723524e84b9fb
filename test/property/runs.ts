/**
 * How long properties are searched for a counterexample: FC_RUNS asks for more, FC_SEED repeats a search, and
 * FC_SHRINK=off tells the first counterexample as it was found. Each search tells how many cases it has judged.
 */
import fc, { type Parameters } from 'fast-check';
import type { FaultClass } from '../fault/fault-classes.ts';
import { tellCount } from '../fault/tell-count.ts';
import { sized } from '../support/suite.ts';

const { FC_RUNS, FC_SEED, FC_SHRINK } = process.env;

/** Far above what a run takes on a loaded machine, so that only a hang is cut off. */
const RUN_MAX_MS = 15_000;
/** A counterexample is made smaller for so long, and then told as it is. */
const SHRINK_MAX_MS = 20_000;

/** The quick suite searches a tenth of the normal runs. */
const QUICK_SHARE = 0.1;

/** What a search counts. */
interface Counted {
  class: FaultClass;
  /** How many cases were judged, where a run of the property is not one. */
  cases?: () => number;
}

const ofModel: Counted = { class: 'model and schedules' };

/** `normal` runs, or as many as FC_RUNS says; a failure prints its seed. */
export function runs<T>(normal: number, { class: name, cases }: Counted = ofModel): Parameters<T> {
  const begunMs = performance.now();
  const numRuns = Number(FC_RUNS ?? Math.ceil(normal * sized(1, QUICK_SHARE)));
  const interruptAfterTimeLimit = numRuns * RUN_MAX_MS + SHRINK_MAX_MS;
  return {
    numRuns,
    interruptAfterTimeLimit,
    markInterruptAsFailure: true,
    endOnFailure: FC_SHRINK === 'off',
    // An assertion inside of a property stays recognizable as one.
    includeErrorInReport: true,
    reporter: (found) => {
      tellCount({
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

/** The deadline of the test around a property, in milliseconds: the search ends by itself before. */
export const searchDeadlineMs = (normal: number): number =>
  (runs(normal).interruptAfterTimeLimit ?? 0) + SHRINK_MAX_MS;
