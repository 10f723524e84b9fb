/** The figures of a load test's crash: without earlier delays, and without those after recovery. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Crash } from '../../../src/load-test/crash.ts';

const boundMs = 500;
let crash: Crash;
beforeEach(() => {
  crash = new Crash();
});

/** Killed at 5,000, exited at 5,010, listening at 7,000. */
function strike(): void {
  crash.kill(5_000);
  crash.end(5_010);
  crash.listen(7_000);
}

describe('the crash', () => {
  test('counts every request as before it until it happens', () => {
    expect(crash.phaseOf(0, 60_000, boundMs)).toBe('before');
    expect(crash.summary(0)).toEqual({
      atMs: null,
      listeningAfterMs: null,
      ordersAfterMs: null,
      overAfterMs: null,
    });
  });

  test('includes requests in flight, except those already late', () => {
    strike();
    expect(crash.phaseOf(4_900, 5_000, boundMs)).toBe('before');
    expect(crash.phaseOf(4_900, 8_000, boundMs)).toBe('crash');
    expect(crash.phaseOf(4_501, 8_000, boundMs)).toBe('crash');
    expect(crash.phaseOf(4_500, 8_000, boundMs)).toBe('before');
  });

  test('ends the wait of an already late request, and counts a later one until its answer', () => {
    strike();
    expect(crash.waitedMs(4_000, 4_100, boundMs)).toBe(100);
    expect(crash.waitedMs(4_000, 8_000, boundMs)).toBe(1_000);
    expect(crash.waitedMs(4_900, 8_000, boundMs)).toBe(3_100);
  });

  test('excuses failures from the kill until the recovery', () => {
    expect(crash.isUnderWay(5_000)).toBe(false);
    strike();
    expect([4_999, 5_000, 60_000].map((nowMs) => crash.isUnderWay(nowMs))).toEqual([false, true, true]);
    crash.answered(7_000, 7_100, 0);
    expect([7_099, 7_100].map((nowMs) => crash.isUnderWay(nowMs))).toEqual([true, false]);
  });

  test('an answer sent by the killed server does not count as recovery', () => {
    strike();
    crash.answered(4_990, 5_020, 0);
    expect(crash.summary(0)).toMatchObject({ ordersAfterMs: null });
  });

  test('is over once no request from before it is open', () => {
    strike();
    crash.answered(7_000, 7_100, 40);
    expect(crash.phaseOf(7_200, 7_210, boundMs)).toBe('crash');
    crash.answered(7_300, 7_400, 0);
    expect(crash.phaseOf(7_399, 7_500, boundMs)).toBe('crash');
    expect(crash.phaseOf(7_400, 7_500, boundMs)).toBe('after');
    expect(crash.summary(1_000)).toEqual({
      atMs: 4_000,
      listeningAfterMs: 2_000,
      ordersAfterMs: 2_100,
      overAfterMs: 2_400,
    });
  });

  test('is over two seconds after orders are accepted again, however many still wait', () => {
    strike();
    crash.answered(7_000, 7_100, 40);
    crash.answered(9_900, 10_000, 39);
    expect(crash.summary(0)).toMatchObject({ overAfterMs: 4_100 });
    crash.answered(20_000, 20_000, 0);
    expect(crash.phaseOf(9_100, 20_000, boundMs)).toBe('after');
  });
});
