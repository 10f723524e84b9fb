/** The clock of a Worker, whose time advances only with I/O. */
import type { Clock } from '../split/clock.ts';

export const edgeClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  every(intervalMs, task) {
    const timer = setInterval(task, intervalMs);
    return () => clearInterval(timer);
  },
  soon(task) {
    setTimeout(task, 0);
  },
  after(delayMs, task) {
    setTimeout(task, delayMs);
  },
};
