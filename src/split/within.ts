/** A wait with a deadline. */
import type { Clock } from './clock.ts';

/** Resolves with the result of `work`, or after `deadlineMs`. */
export function within(work: Promise<unknown>, deadlineMs: number, clock: Clock): Promise<unknown> {
  let stop = (): void => undefined;
  const deadline = new Promise((resolve) => {
    stop = clock.every(deadlineMs, () => resolve(undefined));
  });
  return Promise.race([work, deadline]).finally(() => stop());
}
