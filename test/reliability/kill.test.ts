/** A short run of the kill test on each runtime; `npm run test:kill` makes long ones. */
import { describe, expect, it } from 'vitest';
import type { MachineRuntime } from './fault-run.ts';
import { runKillRounds } from './kill-rounds.ts';

const runs: readonly [runtime: MachineRuntime, rounds: number][] = [
  ['node', 3],
  ['bun', 2],
];

describe.each(runs)('kill -9 on %s', (runtime, rounds) => {
  it(`violates no invariant in ${rounds} rounds`, async () => {
    const { reports, violations } = await runKillRounds({ runtime, rounds, seed: 20 });
    expect(violations).toEqual([]);
    expect(reports.length).toBe(rounds);
    // A run without acknowledged or interrupted calls would prove nothing.
    const sum = (count: (report: (typeof reports)[number]) => number): number =>
      reports.reduce((total, report) => total + count(report), 0);
    expect(sum((report) => report.acknowledged)).toBeGreaterThan(0);
    expect(sum((report) => report.replayed)).toBeGreaterThan(0);
    expect(sum((report) => report.refused.sold_out ?? 0)).toBeGreaterThan(0);
  });
});
