/** The crowd of a load test: its defaults for a drop, and impossible options. */
import { describe, expect, test } from 'vitest';
import { type CrowdOptions, planCrowd } from '../../../src/load-test/plan.ts';

const usual: CrowdOptions = { readShare: 0.6, paidShare: 0.7 };

describe('the crowd of a load test', () => {
  test('has three buyers per unit within ten seconds by default', () => {
    expect(planCrowd(2_000, usual)).toEqual({
      buyers: 6_000,
      reads: 9_000,
      ratePerSecond: 1_500,
      seconds: 10,
      readShare: 0.6,
      paidShare: 0.7,
    });
  });

  test.each([
    [1, 1_000],
    [333, 1_000],
    [334, 1_002],
    [100_000_000, 200_000],
  ])('has, for %i units, %i buyers', (units, buyers) => {
    expect(planCrowd(units, usual).buyers).toBe(buyers);
  });

  test('follows the options, and lasts longer at a lower rate', () => {
    const plan = planCrowd(2_000, { ...usual, buyers: 301, ratePerSecond: 50, readShare: 0 });
    expect(plan).toMatchObject({ buyers: 301, reads: 0, seconds: 6.02 });
  });

  test.each([
    [{ buyers: 1_000, ratePerSecond: 1_251 }, 'more buyers, or a lower rate'],
    [{ buyers: 1_000_000, ratePerSecond: 600 }, 'fewer buyers, or a higher rate'],
  ])('refuses options that leave no time for a crash, or have no end: %j', (options, words) => {
    expect(() => planCrowd(2_000, { ...usual, ...options })).toThrow(words);
  });
});
