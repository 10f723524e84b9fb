/** Warns when the machine's clock jumps, because drops open and holds expire by it. */

import { CLOCK_JUMP_MS, CLOCK_POLL_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../split/clock.ts';

/** Returns the function that stops the watch. */
export function watchClock(clock: Clock, log: Log): () => void {
  const difference = (): number => clock.now() - clock.monotonicMs();
  let seenMs = difference();
  return clock.every(CLOCK_POLL_MS, () => {
    const jumpMs = difference() - seenMs;
    if (Math.abs(jumpMs) < CLOCK_JUMP_MS) return;
    seenMs += jumpMs;
    log.warn(
      { seconds: Math.round(jumpMs / 1000) },
      'the machine’s clock has jumped, or the machine was suspended: drops open and holds expire by it',
    );
  });
}
