/** Jumps of the machine's clock are reported once each; its small corrections are not. */
import { expect, test } from 'vitest';
import type { Log } from '../../../src/log.ts';
import { watchClock } from '../../../src/runtime/clock-watch.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A clock that can be set, and a monotonic one. */
class SettableClock extends FakeClock {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

test('a clock jump is logged once with its size, and a correction is not', () => {
  const clock = new SettableClock();
  const reported: unknown[] = [];
  const note = (facts: object): void => void reported.push(facts);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  watchClock(clock, log);
  clock.advance(10_000);
  clock.aheadMs = 500;
  clock.advance(5_000);
  expect(reported).toEqual([]);
  clock.aheadMs = 172_800_000;
  clock.advance(5_000);
  clock.aheadMs -= 3_600_000;
  clock.advance(5_000);
  expect(reported).toEqual([{ seconds: 172_800 }, { seconds: -3_600 }]);
});
