/** Reports each subscriber's position and lag, for the operator's list and for metrics. */

import { logReads } from '../database/log-reads.ts';
import { SUBSCRIBER_LAG_STEP_S } from '../domain/delivery-limits.ts';
import type { Receiver } from '../domain/receiver.ts';
import type { Deps } from './deps.ts';
import type { Family } from './metrics-text.ts';

export interface SubscriberState extends Receiver {
  isConfigured: boolean;
  /** All events up to this one are delivered or deferred; null before the first poll. */
  lastSeq: number | null;
  /** Time of the oldest event after that one; null if there is none. */
  oldestWaitingAt: number | null;
  /** Deliveries that are deferred because their recipients refuse them for now. */
  late: number;
}

/** A removed subscriber keeps its position; its kind can only be guessed from its name. */
const removed = (name: string): Receiver => ({
  name,
  kind: name.startsWith('webhook:') ? 'webhook' : name === 'mail' ? 'mail' : 'checkouts',
  target: null,
});

export function subscriberStates({ db, receivers }: Pick<Deps, 'db' | 'receivers'>): SubscriberState[] {
  const log = logReads(db);
  const positions = new Map(log.subscribers().map(({ name, lastSeq }) => [name, lastSeq]));
  const late = new Map(log.lateCounts().map(({ subscriber, count }) => [subscriber, count]));
  const known = new Set(receivers.map(({ name }) => name));
  const others = [...positions.keys()].filter((name) => !known.has(name)).map(removed);
  return [...receivers, ...others].map((receiver) => {
    const lastSeq = positions.get(receiver.name) ?? null;
    const [waiting] = lastSeq === null ? [] : log.eventsAfter(lastSeq, 1);
    return {
      ...receiver,
      isConfigured: known.has(receiver.name),
      lastSeq,
      oldestWaitingAt: waiting?.at ?? null,
      late: late.get(receiver.name) ?? 0,
    };
  });
}

/** One series per configured subscriber; none at the edge's front, which has no log. */
export function subscriberFamilies(deps: Pick<Deps, 'db' | 'receivers' | 'clock'>): Family[] {
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
      'late_deliveries',
      'Deliveries deferred because their recipients refuse them for now.',
      ({ late }) => late,
    ),
  ];
}
