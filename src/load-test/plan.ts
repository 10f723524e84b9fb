/** Size, rate and behaviour of a load test's crowd, fixed before the first request. */
import {
  LOAD_TEST_BUYERS_DEFAULT_MAX,
  LOAD_TEST_BUYERS_DEFAULT_MIN,
  LOAD_TEST_BUYERS_PER_UNIT,
  LOAD_TEST_RATE_MAX,
  LOAD_TEST_SECONDS,
  LOAD_TEST_SECONDS_MAX,
  LOAD_TEST_SECONDS_MIN,
} from './limits.ts';

/** The options of the command; the rest follows from the drop. */
export interface CrowdOptions {
  buyers?: number;
  /** Requests per second, reads and purchases together. */
  ratePerSecond?: number;
  /** Part of the requests that read the drop: at least 0, and below 1. */
  readShare: number;
  /** Part of the holds that are paid, 0..1. */
  paidShare: number;
}

export interface CrowdPlan {
  /** Each buyer sends one purchase. */
  buyers: number;
  reads: number;
  ratePerSecond: number;
  seconds: number;
  readShare: number;
  paidShare: number;
}

/** Throws a RangeError with a message for the operator if the plan can't be run. */
export function planCrowd(units: number, options: CrowdOptions): CrowdPlan {
  const { readShare, paidShare } = options;
  const expected = Math.max(LOAD_TEST_BUYERS_DEFAULT_MIN, LOAD_TEST_BUYERS_PER_UNIT * units);
  const buyers = options.buyers ?? Math.min(expected, LOAD_TEST_BUYERS_DEFAULT_MAX);
  const requests = Math.round(buyers / (1 - readShare));
  const ratePerSecond =
    options.ratePerSecond ?? Math.min(LOAD_TEST_RATE_MAX, Math.max(1, requests / LOAD_TEST_SECONDS));
  const seconds = requests / ratePerSecond;
  const crowd = `${buyers} buyers at ${Math.round(ratePerSecond)} requests a second`;
  if (seconds < LOAD_TEST_SECONDS_MIN) {
    throw new RangeError(
      `${crowd} arrive within ${LOAD_TEST_SECONDS_MIN} s, too short for a crash in the middle. Use more buyers, or a lower rate.`,
    );
  }
  if (seconds > LOAD_TEST_SECONDS_MAX) {
    throw new RangeError(`${crowd} take longer than an hour. Use fewer buyers, or a higher rate.`);
  }
  return { buyers, reads: requests - buyers, ratePerSecond, seconds, readShare, paidShare };
}
