/** Limits the rate of each key in bounded memory: GCRA, one number per key. */
import type { KeyTimes } from './key-times.ts';

export interface Quota {
  /** Name in the RateLimit headers. */
  name: string;
  /** Requests per window; also the burst. */
  quota: number;
  windowMs: number;
}

export interface Standing {
  isAllowed: boolean;
  /** Requests that are left now. */
  remaining: number;
  /** Until the whole quota is available again. */
  resetMs: number;
  /** Until the next request is allowed; 0 if it is allowed now. */
  retryMs: number;
}

export class RateLimiter {
  readonly quota: Quota;
  readonly #times: KeyTimes;
  readonly #intervalMs: number;

  constructor(quota: Quota, times: KeyTimes) {
    this.quota = quota;
    this.#times = times;
    this.#intervalMs = quota.windowMs / quota.quota;
  }

  /**
   * Counts a request as `count` unless the quota is used up. A `count` above the quota is refused.
   */
  take(key: string, count = 1): Standing {
    return this.#times.alone(() => {
      const nowMs = this.#times.nowMs();
      const { windowMs } = this.quota;
      const wholeMs = Math.max(this.#times.get(key), nowMs);
      const spentMs = wholeMs - nowMs;
      const costMs = this.#intervalMs * count;
      const overMs = spentMs + costMs - windowMs;
      // Sums of many intervals have rounding errors.
      const isAllowed = overMs <= 1e-6;
      const resetMs = isAllowed ? spentMs + costMs : spentMs;
      if (isAllowed) this.#times.set(key, nowMs + resetMs, nowMs);
      const remaining = Math.max(0, Math.floor((windowMs - resetMs + 1e-6) / this.#intervalMs));
      return { isAllowed, remaining, resetMs, retryMs: isAllowed ? 0 : overMs };
    });
  }

  /** Returns what `take` counted for a request that had no effect. */
  release(key: string, count: number): void {
    this.#times.alone(() => {
      const nowMs = this.#times.nowMs();
      const wholeMs = this.#times.get(key);
      if (wholeMs > nowMs) this.#times.set(key, wholeMs - this.#intervalMs * count, nowMs);
    });
  }
}
