/** Limits the rate of each key in bounded memory: GCRA, one number per key. */
import type { Clock } from '../split/clock.ts';

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

/**
 * A key is dropped after a window without requests, when its quota is complete again, so dropping
 * it grants nothing. If more keys arrive than `keysMax`, the older half is dropped sooner: a client
 * with that many addresses has their quotas anyway, and other clients are never locked out.
 */
export class RateLimiter {
  readonly quota: Quota;
  readonly #keysMax: number;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  /** When each key's quota will be complete again. */
  #recent = new Map<string, number>();
  #older = new Map<string, number>();
  #turnMs: number;

  constructor(quota: Quota, keysMax: number, clock: Clock) {
    this.quota = quota;
    this.#keysMax = keysMax;
    this.#clock = clock;
    this.#intervalMs = quota.windowMs / quota.quota;
    this.#turnMs = clock.monotonicMs() + quota.windowMs;
  }

  /** Number of keys held: at most `keysMax`. */
  get size(): number {
    return this.#recent.size + this.#older.size;
  }

  /**
   * Counts a request as `count` unless the quota is used up. A `count` above the quota is refused.
   */
  take(key: string, count = 1): Standing {
    const nowMs = this.#clock.monotonicMs();
    const { windowMs } = this.quota;
    const wholeMs = Math.max(this.#recent.get(key) ?? this.#older.get(key) ?? 0, nowMs);
    const spentMs = wholeMs - nowMs;
    const costMs = this.#intervalMs * count;
    const overMs = spentMs + costMs - windowMs;
    // Sums of many intervals have rounding errors.
    const isAllowed = overMs <= 1e-6;
    const resetMs = isAllowed ? spentMs + costMs : spentMs;
    if (isAllowed) this.#remember(key, nowMs + resetMs, nowMs);
    const remaining = Math.max(0, Math.floor((windowMs - resetMs + 1e-6) / this.#intervalMs));
    return { isAllowed, remaining, resetMs, retryMs: isAllowed ? 0 : overMs };
  }

  /** Returns what `take` counted for a request that had no effect. */
  release(key: string, count: number): void {
    const nowMs = this.#clock.monotonicMs();
    const wholeMs = this.#recent.get(key) ?? this.#older.get(key) ?? 0;
    if (wholeMs > nowMs) this.#remember(key, wholeMs - this.#intervalMs * count, nowMs);
  }

  #remember(key: string, wholeMs: number, nowMs: number): void {
    if (nowMs >= this.#turnMs || this.#recent.size >= this.#keysMax / 2) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#turnMs = nowMs + this.quota.windowMs;
    }
    this.#recent.set(key, wholeMs);
  }
}
