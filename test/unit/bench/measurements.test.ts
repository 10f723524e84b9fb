/** Counts and percentiles of a load run. */
import { describe, expect, test } from 'vitest';
import { Measurements } from '../../../bench/load/measurements.ts';

/** 1 to 1,000 ms as reads, then one write of a minute. */
function measured(): Measurements {
  const measurements = new Measurements();
  for (let latencyMs = 1; latencyMs <= 1000; latencyMs++)
    measurements.recordDone('read', 'read_ok', latencyMs);
  measurements.recordDone('purchase', 'error', 60_000);
  return measurements;
}
const near = (value: number, expected: number): void => {
  expect(Math.abs(value - expected) / expected).toBeLessThan(0.001);
};

describe('Measurements', () => {
  test('reports percentiles to three digits, separately for reads and writes', () => {
    const { latencyMs } = measured().summary();
    near(latencyMs.reads.p50, 500);
    near(latencyMs.reads.p95, 950);
    near(latencyMs.reads.p99, 990);
    near(latencyMs.reads.p999, 999);
    near(latencyMs.reads.max, 1000);
    near(latencyMs.writes.p50, 60_000);
    expect([latencyMs.reads.count, latencyMs.writes.count, latencyMs.all.count]).toEqual([1000, 1, 1001]);
  });

  test('counts the time of an error like any other: the slowest answer is the maximum of all', () => {
    near(measured().summary().latencyMs.all.max, 60_000);
  });

  test('counts outcomes', () => {
    expect(measured().summary().outcomes).toMatchObject({ read_ok: 1000, error: 1, held: 0 });
  });

  test('counts offered and settled requests separately', () => {
    const measurements = new Measurements();
    measurements.recordStarted(0);
    measurements.recordStarted(0);
    measurements.recordDropped();
    measurements.recordDone('read', 'shed', 1);
    expect(measurements.progress()).toMatchObject({ offered: 3, done: 1, dropped: 1, shed: 1, errors: 0 });
    expect(measurements.settled).toBe(2);
  });

  test('keeps microseconds', () => {
    const measurements = new Measurements();
    measurements.recordDone('purchase', 'held', 0.123);
    measurements.recordStarted(0.045);
    const { latencyMs, latenessMs } = measurements.summary();
    expect([latencyMs.writes.p50, latenessMs.p50]).toEqual([0.123, 0.045]);
  });

  test('resets recent percentiles at each report, but not the summary', () => {
    const measurements = measured();
    expect(measurements.progress().recentMs.count).toBe(1001);
    measurements.recordDone('read', 'read_ok', 7);
    const recent = measurements.progress().recentMs;
    expect(recent.count).toBe(1);
    near(recent.p99, 7);
    expect(measurements.summary().latencyMs.all.count).toBe(1002);
  });
});
