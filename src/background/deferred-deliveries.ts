/** Retries deferred deliveries, apart from the events that are read in order. */
import type { DeferredDelivery, LoggedEvent } from '../database/log-reads.ts';
import { logReads } from '../database/log-reads.ts';
import { backoffMs } from '../domain/backoff.ts';
import {
  DEFERRED_AGE_MAX_MS,
  DEFERRED_BACKOFF_FIRST_MS,
  DEFERRED_BACKOFF_MAX_MS,
  DEFERRED_CONCURRENCY,
  DEFERRED_THROTTLE_QUIET_MS,
  DEFERRED_THROTTLED_MS,
} from '../domain/delivery-limits.ts';
import { type DeliveryDeps, giveUp, type Subscriber, tryDelivery } from './subscriber.ts';

export interface DeferredDeliveries {
  /** Starts the attempts that are due. */
  poll(): void;
  /** Defers a delivery. False if there is no space; then the event waits in the reading window. */
  defer(event: LoggedEvent): Promise<boolean>;
  /** Whether an event read again after a restart is deferred already. */
  has(seq: number): boolean;
  /** Starts no more attempts, and resolves once those under way have ended. */
  stop(): Promise<unknown>;
}

/** `afterSeq` is the subscriber's position when it starts. */
export function deferredDeliveries(
  subscriber: Subscriber,
  deps: DeliveryDeps,
  afterSeq: number,
): DeferredDeliveries {
  const { db, clock, random } = deps;
  const { name } = subscriber;
  const deferredBefore = new Set(logReads(db).deferredSeqs(name, afterSeq));
  const inFlight = new Map<number, Promise<void>>();
  let isStopping = false;
  // A process that has just started does not know whether the server throttles.
  let lastThrottledAt = clock.now();

  const nextAttemptAt = (attempts: number): number =>
    Math.round(clock.now() + backoffMs(attempts, random, DEFERRED_BACKOFF_FIRST_MS, DEFERRED_BACKOFF_MAX_MS));
  /** If the subscriber's server refuses everything, its recipients are not at fault. */
  const mayGiveUp = (since: number): boolean => (subscriber.lastAcceptedAt?.() ?? 0) > since;
  const isOverdue = (since: number): boolean =>
    clock.now() - since > DEFERRED_AGE_MAX_MS &&
    clock.now() - lastThrottledAt > DEFERRED_THROTTLE_QUIET_MS &&
    mayGiveUp(since);
  const end = async (seq: number): Promise<void> => {
    await db.submit({ kind: 'endDeferredDelivery', subscriber: name, seq });
  };
  const put = async ({ seq, orderId }: LoggedEvent) =>
    db.submit({ kind: 'deferDelivery', subscriber: name, seq, orderId, nextAttemptAt: nextAttemptAt(0) });

  /** False if another turn was taken first; the next poll tries again. */
  const attempt = async ({ event, since, attempts }: DeferredDelivery): Promise<boolean> => {
    const { seq } = event;
    const turn = { subscriber: name, seq, attempts, nextAttemptAt: nextAttemptAt(attempts) };
    const { kind } = await db.submit({ kind: 'beginDeferredDelivery', ...turn });
    if (kind !== 'done') return false;
    const answer = await tryDelivery(subscriber, event, deps);
    if (answer === 'done' && clock.now() - since > DEFERRED_THROTTLED_MS) lastThrottledAt = clock.now();
    const isGivenUp = answer !== 'done' && answer !== 'unavailable' && isOverdue(since);
    if (isGivenUp) giveUp(subscriber, seq, deps);
    if (answer === 'done' || isGivenUp) await end(seq);
    return true;
  };

  function poll(): void {
    if (isStopping || inFlight.size >= DEFERRED_CONCURRENCY) return;
    // A delivery under way stays due until its turn is on disk.
    for (const one of logReads(db).dueDeferredDeliveries(name, clock.now(), DEFERRED_CONCURRENCY)) {
      const { seq } = one.event;
      if (inFlight.has(seq) || inFlight.size >= DEFERRED_CONCURRENCY) continue;
      const ended = attempt(one).then((wasClaimed) => {
        inFlight.delete(seq);
        if (wasClaimed) poll();
      });
      inFlight.set(seq, ended);
    }
  }

  return {
    poll,
    has: (seq) => deferredBefore.has(seq),
    stop() {
      isStopping = true;
      return Promise.all(inFlight.values());
    },
    async defer(event) {
      const outcome = await put(event);
      if (outcome.kind !== 'deferred_full') return outcome.kind === 'done';
      const { seq, since } = outcome.oldest;
      if (!mayGiveUp(since)) return false;
      giveUp(subscriber, seq, deps);
      await end(seq);
      return (await put(event)).kind === 'done';
    },
  };
}
