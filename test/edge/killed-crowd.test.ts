/** A crowd while workerd is killed: acknowledged orders stay, nothing is oversold. */
import { describe, expect, test } from 'vitest';
import { runKilledCrowd } from './killed-crowd.ts';

/** Both runs cost about 50 s of CPU time: minutes on two cores shared by twenty programs. */
const timeoutMs = 600_000;

describe('kill -9 of workerd', () => {
  test.each([1, 6])(
    'loses and oversells no order under load, with drops of %i shards',
    { timeout: timeoutMs },
    async (shards) => {
      const report = await runKilledCrowd({ shards, kills: 2, answers: 120, seed: 20 });
      expect(report.violations).toEqual([]);
      // A run without acknowledged or interrupted calls would prove nothing.
      const { ok = 0, sold_out = 0 } = report.calls;
      expect(Math.min(ok, sold_out, report.replayed, report.mails, report.writes)).toBeGreaterThan(0);
    },
  );
});
