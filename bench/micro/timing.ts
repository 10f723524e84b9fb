/** Times cases with tinybench, and returns the figures per operation. */
import { Bench } from 'tinybench';

const caseMs = 500;
const warmUpMs = 100;

export interface Case {
  name: string;
  /** The timed function; does `operations` operations, by default 1. */
  run: () => unknown;
  operations?: number;
  /** Not timed: preparation and cleanup of each run. */
  before?: () => void;
  after?: () => void;
}

/** In microseconds per operation. */
export interface Timing {
  name: string;
  medianUs: number;
  p99Us: number;
  perSecond: number;
  /** Number of runs, each of `operations` operations. */
  runs: number;
}

/**
 * The result of a benchmark. `wrong` lists faults in the resulting data, which invalidate the
 * figures.
 */
export interface Answer {
  timings: Timing[];
  wrong: readonly string[];
}

/** Runs the cases one at a time. Throws what a case throws. */
export async function time(cases: readonly Case[]): Promise<Timing[]> {
  const bench = new Bench({ time: caseMs, warmupTime: warmUpMs, throws: true });
  for (const { name, run, before, after } of cases) {
    bench.add(name, run, {
      ...(before && { beforeEach: () => before() }),
      ...(after && { afterEach: () => after() }),
    });
  }
  await bench.run();
  return cases.map(({ name, operations = 1 }) => {
    const result = bench.getTask(name)?.result;
    if (result?.state !== 'completed') throw new Error(`${name} was not timed to its end.`);
    const { p50, p99, samplesCount } = result.latency;
    const medianUs = (p50 * 1000) / operations;
    return {
      name,
      medianUs,
      p99Us: (p99 * 1000) / operations,
      perSecond: 1e6 / medianUs,
      runs: samplesCount,
    };
  });
}

/** Returns a case of `operations` calls, for calls that are shorter than reading the clock. */
export const many = (name: string, call: () => unknown, operations = 1000): Case => ({
  name,
  operations,
  run: () => {
    for (let index = 0; index < operations; index++) call();
  },
});
