/** The published states of a drop by which Workers may still refuse holds. */
import type { PlaceHold } from '../../domain/command.ts';
import { type Drop, refusalOf } from '../../domain/drop.ts';
import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';

/** A published state that Workers may refuse by. */
interface PublishedState {
  /** Undefined where it is unknown, because it was published before the object woke. */
  drop: Drop | undefined;
  /** Epoch milliseconds. */
  until: number;
}

/**
 * Set while Workers may refuse by a published state: an object that wakes no longer knows that
 * state.
 */
const refusesKey = 'refuses';

/** Whether the drop, as published, would refuse this hold; an unknown state may. */
function isRefusedBy(drop: Drop | undefined, { items }: PlaceHold, now: number): boolean {
  const wanted = items.flatMap(({ itemId, quantity }) => {
    const item = drop?.items.find(({ id }) => id === itemId);
    return item ? [{ item, quantity }] : [];
  });
  return !drop || wanted.length < items.length || refusalOf(drop, wanted, now) !== null;
}

/** The drop as it is now. */
interface PresentDrop {
  drop(): Drop | undefined;
  hasDueHold(now: number): boolean;
}

export class RefusalLeases {
  readonly #kv: DurableObjectStorage['kv'];
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #present: PresentDrop;
  #isKept: boolean;
  #states: PublishedState[];

  constructor(kv: DurableObjectStorage['kv'], clock: Pick<Clock, 'now' | 'after'>, present: PresentDrop) {
    this.#kv = kv;
    this.#clock = clock;
    this.#present = present;
    this.#isKept = kv.get<boolean>(refusesKey) ?? false;
    this.#states = this.#isKept ? [{ drop: undefined, until: clock.now() + PUBLISHED_AGE_MS }] : [];
  }

  /**
   * Records that Workers may refuse by `current` from now on; writes a row only when this begins or
   * ends.
   */
  note(current: Drop, refuses: boolean, now: number): void {
    this.#states = this.#states.filter(({ drop, until }) => until > now && !(refuses && drop === current));
    if (refuses) this.#states.push({ drop: current, until: now + PUBLISHED_AGE_MS });
    const mayRefuse = this.#states.length > 0;
    if (mayRefuse !== this.#isKept) this.#kv.put(refusesKey, mayRefuse);
    this.#isKept = mayRefuse;
  }

  /** Waits until no published state would refuse this hold. */
  async end(hold: PlaceHold): Promise<void> {
    for (let waitMs = this.#msUntilFree(hold); waitMs > 0; waitMs = this.#msUntilFree(hold))
      await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
  }

  /**
   * Milliseconds until every published state that would refuse this hold has expired. A Worker
   * could still answer the retry of an earlier hold with "sold out", and the retry must find its
   * order. A hold that is refused here too does not wait.
   */
  #msUntilFree(hold: PlaceHold): number {
    const now = this.#clock.now();
    if (isRefusedBy(this.#present.drop(), hold, now) && !this.#present.hasDueHold(now)) return 0;
    this.#states = this.#states.filter(({ until }) => until > now);
    const refusing = this.#states.filter(({ drop }) => isRefusedBy(drop, hold, now));
    return Math.max(0, ...refusing.map(({ until }) => until - now));
  }
}
