/**
 * Reads one shard for every Worker that queries its relay: one read at a time, at a limited rate.
 */

import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import { KeyFilter, type KeyPosition } from '../key-filter.ts';
import type { Published } from '../published.ts';
import { RELAY_READ_INTERVAL_MS, RELAY_RETRY_MS } from './limits.ts';

export interface Reading {
  /** On the monotonic clock, from before the read: the shard's lease starts later. */
  askedMs: number;
  published: Published;
  /** The keys that may have an order; null where only the shard can refuse a key. */
  keys: KeyFilter | null;
}

export class ShardReader {
  /** Null where the shard has no drop, or was not read yet. */
  last: Reading | null = null;
  /** Whether the last attempt failed: requests then don't wait for the next one. */
  hasFailed = false;
  readonly #read: (keys: KeyPosition | null) => Promise<Published | null>;
  readonly #clock: Clock;
  /** The read that is under way. */
  #reading: Promise<void> | null = null;
  /** The read that has not begun; callers until then share it. */
  #next: Promise<void> | null = null;
  #earliestMs = 0;
  /** The last filter. */
  #keys: KeyFilter | null = null;

  /**
   * `read` resolves with null where the shard has no drop, and rejects where the shard is
   * unreachable.
   */
  constructor(read: (keys: KeyPosition | null) => Promise<Published | null>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /**
   * Resolves once `last` is recent enough, or an attempt has ended. With `mustBegin`, only a read
   * counts that begins after the call.
   */
  refresh(mustBegin: boolean): Promise<void> {
    const isYoung = this.last && this.#clock.monotonicMs() < this.last.askedMs + PUBLISHED_AGE_MS / 2;
    if (isYoung && !mustBegin) return Promise.resolve();
    if (this.#reading && !mustBegin) return this.#reading;
    this.#next ??= this.#readNext();
    return this.#next;
  }

  async #readNext(): Promise<void> {
    // Always awaits, so that `#next` is set before it is cleared.
    await this.#reading;
    const restMs = this.#earliestMs - this.#clock.monotonicMs();
    if (restMs > 0) await new Promise<void>((resolve) => this.#clock.after(restMs, resolve));
    this.#reading = this.#readNow();
    this.#next = null;
    await this.#reading;
  }

  async #readNow(): Promise<void> {
    const askedMs = this.#clock.monotonicMs();
    this.#earliestMs = askedMs + RELAY_READ_INTERVAL_MS;
    try {
      const published = await this.#read(this.#keys?.position ?? null);
      const keys = published?.keys ? KeyFilter.after(this.#keys, published.keys) : null;
      this.#keys = keys ?? this.#keys;
      this.last = published && { askedMs, published, keys };
      this.hasFailed = false;
    } catch {
      this.hasFailed = true;
      this.#earliestMs = this.#clock.monotonicMs() + RELAY_RETRY_MS;
    }
    this.#reading = null;
  }
}
