/** Reads one shard for every Worker that asks its relay: one reading at a time, and few enough in a second. */

import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import { KeyFilter, type KeyPosition } from '../key-filter.ts';
import type { Published } from '../published.ts';
import { RELAY_READ_INTERVAL_MS, RELAY_RETRY_MS } from './limits.ts';

export interface Reading {
  /** On the monotonic clock, from before the shard was asked: the shard counts from later on. */
  askedMs: number;
  published: Published;
  /** Which keys may have an order; null where only the shard can refuse a key. */
  keys: KeyFilter | null;
}

export class ShardReader {
  /** Null where the shard has no drop, or was never read. */
  last: Reading | null = null;
  /** The last attempt failed: nobody should wait for the next one. */
  hasFailed = false;
  readonly #read: (keys: KeyPosition | null) => Promise<Published | null>;
  readonly #clock: Clock;
  /** The one that is under way. */
  #reading: Promise<void> | null = null;
  /** One that has not begun: whoever asks until then shares it. */
  #next: Promise<void> | null = null;
  #earliestMs = 0;
  /** The filter that was got last. */
  #keys: KeyFilter | null = null;

  /** `read` resolves with null where the shard has no drop, and rejects where the shard can't be reached. */
  constructor(read: (keys: KeyPosition | null) => Promise<Published | null>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** Resolves once `last` is young enough, or an attempt has ended. With `mustBegin` only a reading counts that begins from now on. */
  refresh(mustBegin: boolean): Promise<void> {
    const isYoung = this.last && this.#clock.monotonicMs() < this.last.askedMs + PUBLISHED_AGE_MS / 2;
    if (isYoung && !mustBegin) return Promise.resolve();
    if (this.#reading && !mustBegin) return this.#reading;
    this.#next ??= this.#readNext();
    return this.#next;
  }

  async #readNext(): Promise<void> {
    // Always a wait, so that `#next` is set before it is cleared.
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
