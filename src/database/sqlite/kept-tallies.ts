/** How many orders, refunds and disputes there are, counted beside the event loop and kept for a while. */

import { TALLIES_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import type { Tallies } from '../shop-database.ts';

/** Counting reads every order, so who asks often is told what was counted last. */
export class KeptTallies {
  readonly #count: () => Promise<Tallies | null>;
  readonly #clock: Clock;
  #kept: Promise<Tallies | null> | null = null;
  #countedMs = 0;

  /** `count` gives null where it can't count now: that is not kept. */
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
