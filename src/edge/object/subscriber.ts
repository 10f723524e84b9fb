/** A subscriber of an object's log: where it stands between two alarms, and when it is due again. */

import { type Following, follow, mayReadOn, type Standing } from '../../background/follow.ts';
import type { FollowDeps, Subscriber } from '../../background/subscriber.ts';
import { FOLLOW_BACKOFF_MAX_MS } from '../../domain/delivery-limits.ts';
import { ALARM_RETRY_MS } from '../../limits.ts';

/** On disk, because the object sleeps between two alarms: without it, one event that fails has all later ones delivered again. */
interface Kept extends Standing {
  /** Alarms in a row whose retries have failed. */
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

  /** Takes its position in the log; a new one begins at its end. */
  async begin({ db }: FollowDeps): Promise<void> {
    const { name } = this.#subscriber;
    const shardId = await db.submit({ kind: 'advanceSubscriber', name, lastSeq: null });
    const readTo = shardId.kind === 'advanced' ? Math.max(this.#kept.readTo, shardId.lastSeq) : 0;
    this.#kept = { ...this.#kept, readTo };
  }

  /** Epoch milliseconds when it has something to do, given the number of the last event; 0: at once. Null where all is told. */
  nextAt(headSeq: number): number | null {
    const { readTo, open, retryAt } = this.#kept;
    const [[oldest] = [readTo + 1]] = open;
    const hasNew = headSeq > readTo && mayReadOn(open.length, readTo - oldest + 1);
    if (hasNew || open.some(([, attempts]) => attempts === 0)) return 0;
    return open.length > 0 ? retryAt : null;
  }

  follow(deps: FollowDeps): Promise<Following> {
    return follow(this.#subscriber, deps, this.#kept, Math.max(0, this.#kept.retryAt - deps.clock.now()));
  }

  /** Stops what `follow` has begun at `begunAt`, and keeps where it stands. */
  async stop(following: Following, begunAt: number, now: () => number): Promise<void> {
    await following.stop();
    const { readTo, open } = following.standing();
    let { failures, retryAt } = this.#kept;
    if (!open.some(([, attempts]) => attempts > 0)) [failures, retryAt] = [0, 0];
    else if (retryAt <= begunAt) {
      failures += 1;
      retryAt = now() + Math.min(FOLLOW_BACKOFF_MAX_MS, ALARM_RETRY_MS * 2 ** (failures - 1));
    }
    const wasOpen = this.#kept.open.length > 0;
    this.#kept = { readTo, open, failures, retryAt };
    // Where nothing is open, its position in the log says all.
    if (open.length > 0) this.#storage.kv.put(this.#key, this.#kept);
    else if (wasOpen) this.#storage.kv.delete(this.#key);
  }
}
