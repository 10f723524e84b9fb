/** Reports each subscriber's position and lag, for the operator's list and for metrics. */

import { logReads } from '../database/log-reads.ts';
import { SUBSCRIBER_LAG_STEP_S } from '../domain/delivery-limits.ts';
import type { SubscriberInfo } from '../domain/subscriber-info.ts';
import type { Deps } from './deps.ts';
import type { Family } from './metrics-text.ts';

export interface SubscriberState extends SubscriberInfo {
  isConfigured: boolean;
  /** All events up to this one are delivered or deferred; null before the first poll. */
  lastSeq: number | null;
  /** Time of the oldest event after that one; null if there is none. */
  oldestWaitingAt: number | null;
  /** Deliveries that are deferred because their recipients refuse them for now. */
  deferred: number;
}

/** A removed subscriber keeps its position; its kind can only be guessed from its name. */
const removed = (name: string): SubscriberInfo => ({
  name,
  kind: name.startsWith('webhook:') ? 'webhook' : name === 'mail' ? 'mail' : 'checkouts',
  target: null,
});

export function subscriberStates({ db, subscribers }: Pick<Deps, 'db' | 'subscribers'>): SubscriberState[] {
  const log = logReads(db);
  const positions = new Map(log.subscribers().map(({ name, lastSeq }) => [name, lastSeq]));
  const deferred = new Map(log.deferredCounts().map(({ subscriber, count }) => [subscriber, count]));
  const known = new Set(subscribers.map(({ name }) => name));
  const others = [...positions.keys()].filter((name) => !known.has(name)).map(removed);
  return [...subscribers, ...others].map((subscriber) => {
    const lastSeq = positions.get(subscriber.name) ?? null;
    const [waiting] = lastSeq === null ? [] : log.eventsAfter(lastSeq, 1);
    return {
      ...subscriber,
      isConfigured: known.has(subscriber.name),
      lastSeq,
      oldestWaitingAt: waiting?.at ?? null,
      deferred: deferred.get(subscriber.name) ?? 0,
    };
  });
}

/** One series per configured subscriber; none at the edge's front, which has no log. */
export function subscriberFamilies(deps: Pick<Deps, 'db' | 'subscribers' | 'clock'>): Family[] {
  const states = subscriberStates(deps).filter(
    ({ isConfigured, lastSeq }) => isConfigured && lastSeq !== null,
  );
  const now = deps.clock.now();
  // Coarse steps: finer ones would reveal whether a request caused an e-mail.
  const lagSeconds = (at: number | null): number =>
    at === null
      ? 0
      : Math.max(0, Math.floor((now - at) / 1000 / SUBSCRIBER_LAG_STEP_S)) * SUBSCRIBER_LAG_STEP_S;
  const gauge = (name: string, help: string, value: (state: SubscriberState) => number): Family => ({
    name: `stampede_${name}`,
    type: 'gauge',
    help,
    samples: states.map((state) => ({ labels: { subscriber: state.name }, value: value(state) })),
  });
  return [
    gauge(
      'subscriber_lag_seconds',
      `Age of the oldest event that a subscriber has not received, in whole steps of ${SUBSCRIBER_LAG_STEP_S} s.`,
      ({ oldestWaitingAt }) => lagSeconds(oldestWaitingAt),
    ),
    gauge(
      'deferred_deliveries',
      'Deliveries deferred because their recipients refuse them for now.',
      ({ deferred }) => deferred,
    ),
  ];
}
