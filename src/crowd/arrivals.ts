/** Schedules, before a run starts, when each request is due and whether it reads or buys. */

export interface ArrivalPlan {
  ratePerSecond: number;
  seconds: number;
  /** Part of the arrivals that read, 0..1. */
  readShare: number;
  /** The same seed gives the same arrivals. */
  randomSeed: number;
}

export interface Arrivals {
  count: number;
  /** When each arrival is due, in milliseconds after the start, in ascending order. */
  dueMs: Float64Array;
  /** 1 for a read, 0 for a purchase; the number of reads is the rounded share. */
  reads: Uint8Array;
}

/**
 * Draws a Poisson process with exactly `ratePerSecond * seconds` arrivals (rounded): buyers come
 * independently of each other and of the server. Throws a RangeError on a plan without arrivals or
 * with a share outside 0..1.
 */
export function scheduleArrivals(plan: ArrivalPlan): Arrivals {
  const count = Math.round(plan.ratePerSecond * plan.seconds);
  if (!(count >= 1)) throw new RangeError(`A run needs at least one arrival, but this one has ${count}.`);
  if (!(plan.readShare >= 0 && plan.readShare <= 1)) {
    throw new RangeError(`The read share must be in 0..1, not ${plan.readShare}.`);
  }
  const random = randomNumbers(plan.randomSeed);
  const dueMs = new Float64Array(count);
  const reads = new Uint8Array(count);
  let sum = 0;
  let readsLeft = Math.round(count * plan.readShare);
  for (let index = 0; index < count; index++) {
    sum += -Math.log(random());
    dueMs[index] = sum;
    const isRead = random() < readsLeft / (count - index);
    reads[index] = isRead ? 1 : 0;
    if (isRead) readsLeft -= 1;
  }
  // One more gap up to the end of the run: scaled exponential gaps spread like a Poisson process of
  // known count.
  const scale = (plan.seconds * 1000) / (sum - Math.log(random()));
  for (let index = 0; index < count; index++) dueMs[index] = (dueMs[index] ?? 0) * scale;
  return { count, dueMs, reads };
}

/**
 * Mulberry32: 32 bits of state suffice for a schedule. Numbers are above 0 and below 1, so
 * logarithms are finite.
 */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 0x1_0000_0000;
  };
}
