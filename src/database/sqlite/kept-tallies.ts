/** The cached counts of orders, refunds and disputes, counted outside the event loop. */

import { TALLIES_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import type { Tallies } from '../shop-database.ts';

/** Keeps the last count for frequent callers, because counting reads every order. */
export class KeptTallies {
  readonly #count: () => Promise<Tallies | null>;
  readonly #clock: Clock;
  #kept: Promise<Tallies | null> | null = null;
  #countedMs = 0;

  /** `count` returns null if it cannot count now; null is not cached. */
  constructor(count: () => Promise<Tallies | null>, clock: Clock) {
    this.#count = count;
    this.#clock = clock;
  }

  get(): Promise<Tallies | null> {
    const nowMs = this.#clock.monotonicMs();
    if (!this.#kept || nowMs >= this.#countedMs + TALLIES_AGE_MS) {
      this.#countedMs = nowMs;
      this.#kept = this.#count().catch(() => null);
      void this.#kept.then((counted) => {
        if (!counted) this.#kept = null;
      });
    }
    return this.#kept;
  }
}
