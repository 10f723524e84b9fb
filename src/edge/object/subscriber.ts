/** A subscriber of an object's log: its position between two alarms, and when it is due next. */

import { deliverEvents, type EventDelivery } from '../../background/deliver-events.ts';
import { type DeliveryProgress, mayReadOn } from '../../background/delivery-window.ts';
import type { DeliveryDeps, Subscriber } from '../../background/subscriber.ts';
import { doubledMs } from '../../domain/backoff.ts';
import { DELIVERY_BACKOFF_MAX_MS } from '../../domain/delivery-limits.ts';
import { ALARM_RETRY_MS } from '../../limits.ts';

/**
 * Stored, because the object may be evicted between alarms: without it, one failed event would have
 * all later ones delivered again.
 */
interface Kept extends DeliveryProgress {
  /** Consecutive alarms whose retries failed. */
  failures: number;
  /** Epoch milliseconds. New events do not wait for it. */
  retryAt: number;
}

export class ObjectSubscriber {
  readonly #subscriber: Subscriber;
  readonly #storage: DurableObjectStorage;
  readonly #key: string;
  #kept: Kept;

  constructor(subscriber: Subscriber, storage: DurableObjectStorage) {
    this.#subscriber = subscriber;
    this.#storage = storage;
    this.#key = `subscriber:${subscriber.name}`;
    this.#kept = storage.kv.get<Kept>(this.#key) ?? { readTo: 0, open: [], failures: 0, retryAt: 0 };
  }

  /** Reads the subscriber's position in the log; a new subscriber starts at the end. */
  async begin({ db }: DeliveryDeps): Promise<void> {
    const { name } = this.#subscriber;
    const position = await db.submit({ kind: 'advanceSubscriber', name, lastSeq: null });
    const readTo = position.kind === 'advanced' ? Math.max(this.#kept.readTo, position.lastSeq) : 0;
    this.#kept = { ...this.#kept, readTo };
  }

  /**
   * When it has work, in epoch milliseconds, given the last event's number; 0: at once. Null where
   * all is delivered.
   */
  nextAt(headSeq: number): number | null {
    const { readTo, open, retryAt } = this.#kept;
    const [[oldest] = [readTo + 1]] = open;
    const hasNew = headSeq > readTo && mayReadOn(open.length, readTo - oldest + 1);
    if (hasNew || open.some(([, attempts]) => attempts === 0)) return 0;
    return open.length > 0 ? retryAt : null;
  }

  deliverEvents(deps: DeliveryDeps): Promise<EventDelivery> {
    return deliverEvents(
      this.#subscriber,
      deps,
      this.#kept,
      Math.max(0, this.#kept.retryAt - deps.clock.now()),
    );
  }

  /** Stops the run of `deliverEvents` that began at `begunAt`, and stores its position. */
  async stop(deliveries: EventDelivery, begunAt: number, now: () => number): Promise<void> {
    await deliveries.stop();
    const { readTo, open } = deliveries.progress();
    let { failures, retryAt } = this.#kept;
    if (!open.some(([, attempts]) => attempts > 0)) [failures, retryAt] = [0, 0];
    else if (retryAt <= begunAt) {
      failures += 1;
      retryAt = now() + doubledMs(failures - 1, ALARM_RETRY_MS, DELIVERY_BACKOFF_MAX_MS);
    }
    const wasOpen = this.#kept.open.length > 0;
    this.#kept = { readTo, open, failures, retryAt };
    // With nothing open, the position in the log suffices.
    if (open.length > 0) this.#storage.kv.put(this.#key, this.#kept);
    else if (wasOpen) this.#storage.kv.delete(this.#key);
  }
}
