/** The clock of a Worker. Its time stands still while code runs, and moves on with I/O. */
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
