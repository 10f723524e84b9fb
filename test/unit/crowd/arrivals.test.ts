/** The arrivals of a load run are fixed before it starts. */
import { describe, expect, test } from 'vitest';
import { scheduleArrivals } from '../../../src/crowd/arrivals.ts';

const plan = { ratePerSecond: 10_000, seconds: 3, readShare: 0.6, randomSeed: 1 };

describe('scheduleArrivals', () => {
  test('offers exactly the rate over the whole run', () => {
    const { count, dueMs, reads } = scheduleArrivals(plan);
    expect([count, dueMs.length, reads.length]).toEqual([30_000, 30_000, 30_000]);
    expect(dueMs[0]).toBeGreaterThanOrEqual(0);
    expect(dueMs[count - 1]).toBeGreaterThan(2_990);
    expect(dueMs[count - 1]).toBeLessThan(3_000);
  });

  test('is ordered by time', () => {
    const { dueMs } = scheduleArrivals(plan);
    expect(dueMs).toEqual(dueMs.toSorted());
  });

  test('depends on the seed alone', () => {
    expect(scheduleArrivals(plan)).toEqual(scheduleArrivals({ ...plan }));
    expect(scheduleArrivals({ ...plan, randomSeed: 2 }).dueMs).not.toEqual(scheduleArrivals(plan).dueMs);
  });

  test('spreads like independent buyers: gaps vary as widely as their mean', () => {
    const { dueMs } = scheduleArrivals(plan);
    const gapsMs = Array.from(dueMs.subarray(1), (due, index) => due - (dueMs[index] ?? 0));
    const mean = gapsMs.reduce((sum, gap) => sum + gap, 0) / gapsMs.length;
    const variance = gapsMs.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gapsMs.length;
    expect(mean).toBeCloseTo(0.1, 3);
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
  });

  test.each([0, 0.6, 1])('reads the share %d of the arrivals', (readShare) => {
    const { count, reads } = scheduleArrivals({ ...plan, readShare });
    expect(reads.reduce((sum, read) => sum + read, 0)).toBe(Math.round(count * readShare));
  });

  test.each([
    { ...plan, ratePerSecond: 0 },
    { ...plan, seconds: Number.NaN },
    { ...plan, readShare: 1.1 },
  ])('refuses an invalid plan: %j', (impossible) => {
    expect(() => scheduleArrivals(impossible)).toThrow(RangeError);
  });
});
