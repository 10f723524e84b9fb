/** Retries deferred deliveries, apart from the events that are read in order. */
import type { LateDelivery, LoggedEvent } from '../database/log-reads.ts';
import { logReads } from '../database/log-reads.ts';
import {
  LATE_AGE_MAX_MS,
  LATE_BACKOFF_FIRST_MS,
  LATE_BACKOFF_MAX_MS,
  LATE_CONCURRENCY,
  LATE_THROTTLE_QUIET_MS,
  LATE_THROTTLED_MS,
} from '../domain/delivery-limits.ts';
import { backoffMs, type FollowDeps, giveUp, type Subscriber, tryDelivery } from './subscriber.ts';

export interface LateDeliveries {
  /** Starts the attempts that are due. */
  look(): void;
  /** Defers a delivery. False if there is no space; then the event waits in the reading window. */
  park(event: LoggedEvent): Promise<boolean>;
  /** Whether an event read again after a restart is deferred already. */
  has(seq: number): boolean;
  /** Starts no more attempts, and resolves once those under way have ended. */
  stop(): Promise<unknown>;
}

/** `afterSeq` is the subscriber's position when it starts. */
export function lateDeliveries(subscriber: Subscriber, deps: FollowDeps, afterSeq: number): LateDeliveries {
  const { db, clock, random } = deps;
  const { name } = subscriber;
  const parkedBefore = new Set(logReads(db).lateSeqs(name, afterSeq));
  const underWay = new Map<number, Promise<void>>();
  let isStopping = false;
  // A process that has just started does not know whether the server throttles.
  let lastThrottledAt = clock.now();

  const nextAttemptAt = (attempts: number): number =>
    Math.round(clock.now() + backoffMs(attempts, random, LATE_BACKOFF_FIRST_MS, LATE_BACKOFF_MAX_MS));
  /** If the subscriber's server refuses everything, its recipients are not at fault. */
  const mayGiveUp = (since: number): boolean => (subscriber.lastAcceptedAt?.() ?? 0) > since;
  const isOverdue = (since: number): boolean =>
    clock.now() - since > LATE_AGE_MAX_MS &&
    clock.now() - lastThrottledAt > LATE_THROTTLE_QUIET_MS &&
    mayGiveUp(since);
  const end = async (seq: number): Promise<void> => {
    await db.submit({ kind: 'endLateDelivery', subscriber: name, seq });
  };
  const put = async ({ seq, orderId }: LoggedEvent) =>
    db.submit({ kind: 'parkDelivery', subscriber: name, seq, orderId, nextAttemptAt: nextAttemptAt(0) });

  /** False if another turn was taken first; the next poll tries again. */
  const attempt = async ({ event, since, attempts }: LateDelivery): Promise<boolean> => {
    const { seq } = event;
    const turn = { subscriber: name, seq, attempts, nextAttemptAt: nextAttemptAt(attempts) };
    const { kind } = await db.submit({ kind: 'beginLateDelivery', ...turn });
    if (kind !== 'done') return false;
    const answer = await tryDelivery(subscriber, event, deps);
    if (answer === 'done' && clock.now() - since > LATE_THROTTLED_MS) lastThrottledAt = clock.now();
    const isGivenUp = answer !== 'done' && answer !== 'away' && isOverdue(since);
    if (isGivenUp) giveUp(subscriber, seq, deps);
    if (answer === 'done' || isGivenUp) await end(seq);
    return true;
  };

  function look(): void {
    if (isStopping || underWay.size >= LATE_CONCURRENCY) return;
    // A delivery under way stays due until its turn is on disk.
    for (const one of logReads(db).dueLateDeliveries(name, clock.now(), LATE_CONCURRENCY)) {
      const { seq } = one.event;
      if (underWay.has(seq) || underWay.size >= LATE_CONCURRENCY) continue;
      const ended = attempt(one).then((hadTurn) => {
        underWay.delete(seq);
        if (hadTurn) look();
      });
      underWay.set(seq, ended);
    }
  }

  return {
    look,
    has: (seq) => parkedBefore.has(seq),
    stop() {
      isStopping = true;
      return Promise.all(underWay.values());
    },
    async park(event) {
      const outcome = await put(event);
      if (outcome.kind !== 'late_full') return outcome.kind === 'done';
      const { seq, since } = outcome.oldest;
      if (!mayGiveUp(since)) return false;
      giveUp(subscriber, seq, deps);
      await end(seq);
      return (await put(event)).kind === 'done';
    },
  };
}
