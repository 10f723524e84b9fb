/** What this Worker knows of drops near the buyer, none of it older than PUBLISHED_AGE_MS. */
import type { Clock } from '../../clock.ts';
import type { Published } from '../../database/edge/object-store.ts';
import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Objects } from './objects.ts';
import { SharedReads, type WaitUntil } from './shared-reads.ts';

const PLACES_MAX = 1_000;

export class PublishedDrops {
  readonly #objects: Objects;
  readonly #reads: SharedReads<number, Published>;

  constructor(objects: Objects, clock: Clock) {
    this.#objects = objects;
    // What is refused by it must be true at the object: nothing stale.
    const rules = { freshMs: PUBLISHED_AGE_MS, staleMs: PUBLISHED_AGE_MS, keysMax: PLACES_MAX };
    // No absence is kept: a drop that is created there next would miss its first payments.
    this.#reads = new SharedReads({ ...rules, absentMs: 0 }, clock);
  }

  /** Null where the place has no drop. Rejects where its object can't be reached. */
  get(place: number, waitUntil: WaitUntil): Promise<Published | null> {
    const ask = () => this.#objects.call(place, async (stub) => stub.published(), true);
    return this.#reads.get(place, ask, waitUntil);
  }

  /** Something was done there through this Worker: who did it must see it in his next read here. */
  forget(place: number): void {
    this.#reads.forget(place);
  }
}
