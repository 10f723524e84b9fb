/** What this Worker knows of drops near the buyer, none of it older than PUBLISHED_AGE_MS. */
import type { Clock } from '../../clock.ts';
import type { Published } from '../../database/edge/object-store.ts';
import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Objects } from './objects.ts';

const PLACES_MAX = 1_000;

interface Known {
  /** On the monotonic clock, from before the object was asked: the object counts from later on. */
  askedMs: number;
  published: Published;
  isRenewed: boolean;
}

export class PublishedDrops {
  readonly #objects: Objects;
  readonly #clock: Clock;
  readonly #known = new Map<number, Known>();

  constructor(objects: Objects, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
  }

  /**
   * Null where the place has no drop. Rejects where its object can't be reached. Values are kept and no promises: the
   * platform lets no request wait for the work of another one. So the first one in the second half of the time renews what
   * is known, after its answer (`waitUntil`), and a crowd never finds it gone.
   */
  async get(place: number, waitUntil: (work: Promise<unknown>) => void): Promise<Published | null> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#known.get(place);
    if (!known || nowMs >= known.askedMs + PUBLISHED_AGE_MS) return this.#ask(place);
    if (nowMs >= known.askedMs + PUBLISHED_AGE_MS / 2 && !known.isRenewed) {
      known.isRenewed = true;
      // Where it fails, somebody asks anew once this is too old.
      waitUntil(this.#ask(place).catch(() => undefined));
    }
    return known.published;
  }

  /** Something was done there through this Worker: who did it must see it in his next read here. */
  forget(place: number): void {
    this.#known.delete(place);
  }

  async #ask(place: number): Promise<Published | null> {
    const askedMs = this.#clock.monotonicMs();
    const published = await this.#objects.call(place, async (stub) => stub.published(), true);
    if (this.#known.size >= PLACES_MAX) this.#known.clear();
    const newest = this.#known.get(place);
    // An absence is never kept: a drop that is created there next would miss its first payments.
    if (published && (!newest || newest.askedMs <= askedMs))
      this.#known.set(place, { askedMs, published, isRenewed: false });
    return published;
  }
}
