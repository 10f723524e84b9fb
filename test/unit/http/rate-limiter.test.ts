/** The rate limiter: its quota, its recovery, and its memory under a flood of keys. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type KeyTimes, type KeyTimesSettings, OwnKeyTimes } from '../../../src/http/key-times.ts';
import { RateLimiter } from '../../../src/http/rate-limiter.ts';
import { sharedKeyTimes } from '../../../src/runtime/shared-key-times.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const quota = { name: 'address', quota: 10, windowMs: 60_000 };
const keysMax = 1_000;
const times: Record<string, (settings: KeyTimesSettings, clock: FakeClock) => KeyTimes> = {
  'of one thread': (settings, clock) => new OwnKeyTimes(settings, clock),
  'shared by threads': (settings, clock) =>
    sharedKeyTimes({ seed: 'seed', memories: new Map() }, () => clock.monotonicMs())('address', settings),
};

describe.each(Object.entries(times))('a rate limiter with times %s', (_, timesOf) => {
  let clock: FakeClock;
  let held: KeyTimes;
  let limiter: RateLimiter;
  beforeEach(() => {
    clock = new FakeClock();
    held = timesOf({ ...quota, keysMax }, clock);
    limiter = new RateLimiter(quota, held);
  });
  const takeAll = (key: string): number => {
    let taken = 0;
    while (limiter.take(key).isAllowed) taken += 1;
    return taken;
  };

  describe('a key', () => {
    test('may send its quota at once, and learns how much is left', () => {
      expect(limiter.take('a')).toEqual({ isAllowed: true, remaining: 9, resetMs: 6_000, retryMs: 0 });
      expect(takeAll('a')).toBe(9);
      expect(limiter.take('a')).toEqual({ isAllowed: false, remaining: 0, resetMs: 60_000, retryMs: 6_000 });
      expect(takeAll('b')).toBe(10);
    });

    test('may send one more after each interval, and the whole quota after a window', () => {
      takeAll('a');
      clock.advance(5_999);
      expect(takeAll('a')).toBe(0);
      clock.advance(1);
      expect(takeAll('a')).toBe(1);
      clock.advance(60_000);
      expect(takeAll('a')).toBe(10);
    });

    test('is charged for several units, all or none, and refunded for failed requests', () => {
      expect(limiter.take('a', 7)).toEqual({ isAllowed: true, remaining: 3, resetMs: 42_000, retryMs: 0 });
      expect(limiter.take('a', 4)).toEqual({
        isAllowed: false,
        remaining: 3,
        resetMs: 42_000,
        retryMs: 6_000,
      });
      limiter.release('a', 7);
      limiter.release('never seen', 7);
      expect([takeAll('a'), takeAll('never seen')]).toEqual([10, 10]);
    });

    test('is not charged for refused requests', () => {
      takeAll('a');
      for (let asked = 0; asked < 100; asked += 1) limiter.take('a');
      clock.advance(6_000);
      expect(takeAll('a')).toBe(1);
    });

    test('is remembered across a change of generation', () => {
      clock.advance(59_000);
      takeAll('a');
      clock.advance(2_000);
      limiter.take('b');
      expect(takeAll('a')).toBe(0);
    });
  });

  test('a flood of keys takes the memory of a thousand at most, and blocks no other client', () => {
    let [refused, sizeMax] = [0, 0];
    for (let key = 0; key < 200_000; key += 1) {
      if (!limiter.take(`rotating ${key}`).isAllowed) refused += 1;
      sizeMax = Math.max(sizeMax, held.size);
    }
    expect([refused, sizeMax]).toEqual([0, keysMax]);
    expect(takeAll('a buyer')).toBe(10);
  });

  test('an exhausted counter outlives half as many other keys as are remembered', () => {
    takeAll('a');
    for (let key = 0; key < keysMax / 2; key += 1) limiter.take(`rotating ${key}`);
    expect(takeAll('a')).toBe(0);
  });
});
