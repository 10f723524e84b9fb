/** Delivers the event log to one subscriber: each event at least once, across restarts. */
import type { LoggedEvent } from '../database/log-reads.ts';
import { logReads } from '../database/log-reads.ts';
import { backoffMs } from '../domain/backoff.ts';
import {
  DELIVERY_AGE_MAX_MS,
  DELIVERY_ATTEMPTS_MAX,
  DELIVERY_ATTEMPTS_OLD,
  DELIVERY_BACKOFF_FIRST_MS,
  DELIVERY_BACKOFF_MAX_MS,
  DELIVERY_CONCURRENCY,
  DELIVERY_INTERVAL_MS,
  DELIVERY_OPEN_EVENTS_MAX,
  DELIVERY_PAGE_EVENTS,
  DELIVERY_STOP_DEADLINE_MS,
  DELIVERY_WINDOW_EVENTS,
} from '../domain/delivery-limits.ts';
import { deferredDeliveries } from './deferred-deliveries.ts';
import { type DeliveryDeps, giveUp, type Subscriber, tryDelivery } from './subscriber.ts';

export interface EventDelivery {
  /** Whether every event read had its first attempt, and no delivery is under way. */
  isQuiet(): boolean;
  /** Starts no more deliveries, waits for those under way, and stores the position. */
  stop(): Promise<void>;
  /** Its progress; after `stop`, a new call of `deliverEvents` can resume from it. */
  progress(): DeliveryProgress;
}

/** The last event read, and the undelivered events up to it with their attempts, oldest first. */
export interface DeliveryProgress {
  readTo: number;
  open: readonly (readonly [seq: number, attempts: number])[];
}

/**
 * Whether more events may be read with so many open ones, and `ahead` read since the oldest of
 * them.
 */
export const mayReadOn = (openEvents: number, ahead: number): boolean =>
  openEvents < DELIVERY_OPEN_EVENTS_MAX && ahead < DELIVERY_WINDOW_EVENTS;

/** An event that was read but is not delivered yet. */
interface OpenEvent {
  event: LoggedEvent;
  attempts: number;
  /** On the monotonic clock. */
  dueMs: number;
}

/**
 * Resolves once the subscriber's position is known; later events are delivered. A new subscriber
 * starts at the end of the log, so that it does not get years of old events. A failed event waits
 * for its next attempt while the others continue; an event that its own recipient refuses is
 * deferred (deferred-deliveries.ts). So deliveries follow the log's order only roughly. The stored
 * position is that of the oldest undelivered event; after a restart, later events that were already
 * delivered are delivered again, unless `before` is given, whose failed events are due in
 * `retryInMs`. An event that has used up its attempts is logged and skipped.
 */
export async function deliverEvents(
  subscriber: Subscriber,
  deps: DeliveryDeps,
  before: DeliveryProgress = { readTo: 0, open: [] },
  retryInMs = 0,
): Promise<EventDelivery> {
  const { db, clock, random } = deps;
  const { name, kinds } = subscriber;
  const open = new Map<number, OpenEvent>();
  const inFlight = new Map<number, Promise<void>>();
  let isStopping = false;
  let saving: Promise<void> | null = null;

  /** Null if the writer's queue refused. */
  const advance = async (lastSeq: number | null): Promise<number | null> => {
    const outcome = await db.submit({ kind: 'advanceSubscriber', name, lastSeq });
    return outcome.kind === 'advanced' ? outcome.lastSeq : null;
  };
  const position = await advance(null);
  if (position === null) throw new Error(`The log position of subscriber ${name} could not be read.`);
  const deferred = subscriber.lastAcceptedAt ? deferredDeliveries(subscriber, deps, position) : null;
  let saved = position;
  let readTo = Math.max(position, before.readTo);
  for (const [seq, attempts] of before.open) {
    const [event] = seq > position ? logReads(db).eventsAfter(seq - 1, 1) : [];
    const dueMs = clock.monotonicMs() + (attempts > 0 ? retryInMs : 0);
    if (event?.seq === seq) open.set(seq, { event, attempts, dueMs });
  }

  /** Position up to which everything is delivered. */
  const deliveredTo = (): number => {
    const [oldest] = open.keys();
    return oldest === undefined ? readTo : oldest - 1;
  };
  const save = async (): Promise<void> => {
    const delivered = deliveredTo();
    // After a refusal, the next poll tries again.
    if (delivered > saved) saved = (await advance(delivered)) ?? saved;
  };

  const attempt = async (one: OpenEvent): Promise<void> => {
    const { event } = one;
    const answer = await tryDelivery(subscriber, event, deps);
    one.attempts += 1;
    const waitMs = backoffMs(one.attempts - 1, random, DELIVERY_BACKOFF_FIRST_MS, DELIVERY_BACKOFF_MAX_MS);
    one.dueMs = clock.monotonicMs() + waitMs;
    // Also limited by age: attempts are counted in memory, and a process may restart every minute.
    const isOld = one.attempts >= DELIVERY_ATTEMPTS_OLD && clock.now() - event.at > DELIVERY_AGE_MAX_MS;
    const isGivenUp = answer === 'retry' && (one.attempts === DELIVERY_ATTEMPTS_MAX || isOld);
    if (isGivenUp) giveUp(subscriber, event.seq, deps);
    // The position moves past it only once the deferred delivery is on disk.
    const isDeferred = answer === 'deferred' && (await deferred?.defer(event)) === true;
    if (answer === 'done' || isGivenUp || isDeferred) open.delete(event.seq);
  };
  const beginDue = (): void => {
    const nowMs = clock.monotonicMs();
    for (const [seq, one] of open) {
      if (inFlight.size >= DELIVERY_CONCURRENCY) return;
      if (one.dueMs > nowMs || inFlight.has(seq)) continue;
      const ended = attempt(one).finally(() => {
        inFlight.delete(seq);
        poll();
      });
      inFlight.set(seq, ended);
    }
  };
  /** Reads one page at a time, so that requests get their turn in between. */
  const readOn = (): void => {
    if (!mayReadOn(open.size, readTo - deliveredTo())) return;
    const page = logReads(db).eventsAfter(readTo, DELIVERY_PAGE_EVENTS);
    for (const event of page) {
      if (kinds.has(event.kind) && !deferred?.has(event.seq))
        open.set(event.seq, { event, attempts: 0, dueMs: clock.monotonicMs() });
    }
    readTo = page.at(-1)?.seq ?? readTo;
    if (page.length === DELIVERY_PAGE_EVENTS) clock.soon(poll);
  };
  function poll(): void {
    if (isStopping) return;
    beginDue();
    if (inFlight.size >= DELIVERY_CONCURRENCY) return;
    readOn();
    beginDue();
  }

  clock.soon(poll);
  const stopPolling = clock.every(DELIVERY_INTERVAL_MS, () => {
    poll();
    deferred?.poll();
    saving ??= save().finally(() => {
      saving = null;
    });
  });

  return {
    isQuiet: () =>
      inFlight.size === 0 &&
      (logReads(db).lastSeq() === readTo || !mayReadOn(open.size, readTo - deliveredTo())) &&
      [...open.values()].every(({ attempts }) => attempts > 0),
    progress: () => ({
      readTo,
      // An attempt that timed out counts as well.
      open: [...open].map(([seq, { attempts }]) => [seq, attempts + Number(inFlight.has(seq))]),
    }),
    async stop() {
      isStopping = true;
      stopPolling();
      const isOverdue = new Promise<void>((resolve) => clock.after(DELIVERY_STOP_DEADLINE_MS, resolve));
      await Promise.race([Promise.all([...inFlight.values(), deferred?.stop()]), isOverdue]);
      await saving;
      await save();
    },
  };
}
