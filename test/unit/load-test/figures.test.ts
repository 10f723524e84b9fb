/** The figures of a load test: latencies by phase, and the best second, which is a complete one. */
import { describe, expect, test } from 'vitest';
import { Figures } from '../../../src/load-test/figures.ts';

/** `requests` due within a second of the run, `late` of which are late. */
function second(figures: Figures, index: number, requests: number, late: number): void {
  for (let request = 0; request < requests; request += 1) {
    figures.recordArrival(index * 1_000 + request, request < late ? 501 : 500);
  }
}

describe('the best second', () => {
  test('is the second with the most requests among those within the latency bound', () => {
    const figures = new Figures(4.9, 500);
    second(figures, 0, 100, 1);
    second(figures, 1, 300, 4);
    second(figures, 2, 200, 2);
    // The last second is incomplete.
    second(figures, 4, 900, 0);
    expect(figures.highestRateInBound).toBe(198);
  });

  test('counts a request that was not sent as late', () => {
    const figures = new Figures(1, 500);
    second(figures, 0, 50, 0);
    figures.recordArrival(10, Number.POSITIVE_INFINITY);
    expect(figures.highestRateInBound).toBeNull();
  });

  test('is null without requests', () => {
    expect(new Figures(3, 500).highestRateInBound).toBeNull();
  });
});

test('latencies are kept by kind and phase', () => {
  const figures = new Figures(1, 500);
  figures.recordDone('purchase', 'held', 'before', 10);
  figures.recordDone('purchase', 'sold_out', 'crash', 4_000);
  figures.recordDone('read', 'read', 'after', 1);
  const { purchase, read, payment } = figures.latencies();
  expect([purchase.before.count, purchase.crash.count, purchase.after.count]).toEqual([1, 1, 0]);
  expect(purchase.before.p99).toBeCloseTo(10, 1);
  expect([read.after.count, payment.before.count]).toEqual([1, 0]);
  expect(Object.fromEntries(figures.outcomes)).toEqual({ held: 1, sold_out: 1, read: 1 });
  expect(figures.done).toBe(3);
});
