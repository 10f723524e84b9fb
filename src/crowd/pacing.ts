/** Starts every arrival as close to its due time as one thread can without using a whole core. */

// A timer fires a millisecond late and starts ten arrivals as one burst, which more than doubled
// the median latency of an idle server. Naps this short, with the sockets checked between them, use
// a twelfth of a core more.
const napMs = 0.1;
/** For longer waits, a timer is exact enough. */
const timerMs = 2;
/** After a pause of the generator, many arrivals are due: it reads answers after each portion. */
const startsAtOnce = 64;

/**
 * Calls `start` with each index once it is due, in order, never early. `dueMs` counts from
 * `startMs`, a time of performance.now(). Resolves when all are started; rejects with what `start`
 * throws.
 */
export function startOnTime(
  dueMs: Float64Array,
  startMs: number,
  start: (index: number) => void,
): Promise<void> {
  const napCell = new Int32Array(new SharedArrayBuffer(4));
  let next = 0;
  const untilNextMs = (): number => startMs + (dueMs[next] ?? 0) - performance.now();

  return new Promise((resolve, reject) => {
    const step = (): void => {
      try {
        for (
          let started = 0;
          started < startsAtOnce && next < dueMs.length && untilNextMs() <= 0;
          started++
        ) {
          start(next++);
        }
      } catch (error) {
        reject(error);
        return;
      }
      if (next === dueMs.length) {
        resolve();
        return;
      }
      const waitMs = untilNextMs();
      if (waitMs > timerMs) {
        setTimeout(step, 1);
        return;
      }
      if (waitMs > 0) Atomics.wait(napCell, 0, 0, Math.min(waitMs, napMs));
      setImmediate(step);
    };
    step();
  });
}
