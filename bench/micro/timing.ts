/** Times the cases of one question with tinybench, and gives their figures for one operation. */
import { Bench } from 'tinybench';

const caseMs = 500;
const warmUpMs = 100;

export interface Case {
  name: string;
  /** What is timed: `operations` of them at a time, one where absent. */
  run: () => unknown;
  operations?: number;
  /** Not timed: what each run needs, and what it leaves. */
  before?: () => void;
  after?: () => void;
}

/** Microseconds for one operation. */
export interface Timing {
  name: string;
  medianUs: number;
  p99Us: number;
  perSecond: number;
  /** Runs, each of as many operations as the case says. */
  runs: number;
}

/** What a question found out. `wrong` says what its work left wrong in the data: nothing, or the figures mean nothing. */
export interface Answer {
  timings: Timing[];
  wrong: readonly string[];
}

/** Runs the cases one after the other. Throws what a case throws. */
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

/** A run of `operations` calls: for what takes less time than looking at a clock. */
export const many = (name: string, call: () => unknown, operations = 1000): Case => ({
  name,
  operations,
  run: () => {
    for (let index = 0; index < operations; index++) call();
  },
});
