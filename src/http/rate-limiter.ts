/** Counts how fast each key comes, in bounded memory: the generic cell rate algorithm, one number for each key. */
import type { Clock } from '../split/clock.ts';

export interface Quota {
  /** As the RateLimit headers call it. */
  name: string;
  /** Requests that a key may send in a window; also the burst. */
  quota: number;
  windowMs: number;
}

export interface Standing {
  isAllowed: boolean;
  /** Requests that are left at once. */
  remaining: number;
  /** Until the whole quota is there again. */
  resetMs: number;
  /** Until the next request is allowed; 0 where it is. */
  retryMs: number;
}

/**
 * A key is forgotten once it has been quiet for a window, when its quota is whole again, so that forgetting gives nothing
 * away. Where more keys come than `keysMax`, the older half goes sooner: somebody with that many addresses has their
 * quotas anyway, and nobody else is ever locked out by him.
 */
export class RateLimiter {
  readonly quota: Quota;
  readonly #keysMax: number;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  /** When the quota of a key would be whole again. */
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

  /** Keys that are remembered: at most `keysMax`. */
  get size(): number {
    return this.#recent.size + this.#older.size;
  }

  /** Counts a request of a key as this many, unless its quota is used up. More than the whole quota is never allowed. */
  take(key: string, count = 1): Standing {
    const nowMs = this.#clock.monotonicMs();
    const { windowMs } = this.quota;
    const wholeMs = Math.max(this.#recent.get(key) ?? this.#older.get(key) ?? 0, nowMs);
    const spentMs = wholeMs - nowMs;
    const costMs = this.#intervalMs * count;
    const overMs = spentMs + costMs - windowMs;
    // The sums of many intervals are off by a rounding.
    const isAllowed = overMs <= 1e-6;
    const resetMs = isAllowed ? spentMs + costMs : spentMs;
    if (isAllowed) this.#remember(key, nowMs + resetMs, nowMs);
    const remaining = Math.max(0, Math.floor((windowMs - resetMs + 1e-6) / this.#intervalMs));
    return { isAllowed, remaining, resetMs, retryMs: isAllowed ? 0 : overMs };
  }

  /** Gives back what `take` has counted for a request that had no effect. */
  giveBack(key: string, count: number): void {
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
