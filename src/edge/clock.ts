/** The clock of a Worker: its time stands still while code runs, and moves with what it waits for. */
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
