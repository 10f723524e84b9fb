/** Delivers the event log to one subscriber: each event at least once, across restarts. */
import { backoffMs } from '../domain/backoff.ts';
import {
  DELIVERY_AGE_MAX_MS,
  DELIVERY_ATTEMPTS_MAX,
  DELIVERY_ATTEMPTS_OLD,
  DELIVERY_BACKOFF_FIRST_MS,
  DELIVERY_BACKOFF_MAX_MS,
  DELIVERY_CONCURRENCY,
  DELIVERY_INTERVAL_MS,
  DELIVERY_STOP_DEADLINE_MS,
} from '../domain/delivery-limits.ts';
import { type DeferredDeliveries, deferredDeliveries } from './deferred-deliveries.ts';
import { type DeliveryProgress, DeliveryWindow, type OpenEvent } from './delivery-window.ts';
import { type DeliveryDeps, giveUp, type Subscriber, tryDelivery } from './subscriber.ts';

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
  const position = await advance(subscriber, null, deps);
  if (position === null)
    throw new Error(`The log position of subscriber ${subscriber.name} could not be read.`);
  const window = new DeliveryWindow(deps, position, before, retryInMs);
  return new EventDelivery(subscriber, deps, window, position);
}

/** Stores the position, or only reads it. Null if the writer's queue refused. */
async function advance(
  { name }: Subscriber,
  lastSeq: number | null,
  { db }: DeliveryDeps,
): Promise<number | null> {
  const outcome = await db.submit({ kind: 'advanceSubscriber', name, lastSeq });
  return outcome.kind === 'advanced' ? outcome.lastSeq : null;
}

export class EventDelivery {
  readonly #subscriber: Subscriber;
  readonly #deps: DeliveryDeps;
  readonly #window: DeliveryWindow;
  readonly #deferred: DeferredDeliveries | null;
  readonly #inFlight = new Map<number, Promise<void>>();
  readonly #stopPolling: () => void;
  #isStopping = false;
  /** The stored position. */
  #saved: number;
  #saving: Promise<void> | null = null;

  constructor(subscriber: Subscriber, deps: DeliveryDeps, window: DeliveryWindow, position: number) {
    const { clock } = deps;
    this.#subscriber = subscriber;
    this.#deps = deps;
    this.#window = window;
    this.#saved = position;
    this.#deferred = subscriber.lastAcceptedAt ? deferredDeliveries(subscriber, deps, position) : null;
    clock.soon(() => this.#poll());
    this.#stopPolling = clock.every(DELIVERY_INTERVAL_MS, () => {
      this.#poll();
      this.#deferred?.poll();
      this.#saving ??= this.#save().finally(() => {
        this.#saving = null;
      });
    });
  }

  /** Whether every event read had its first attempt, and no delivery is under way. */
  isQuiet(): boolean {
    if (this.#inFlight.size > 0 || this.#window.hasUnread) return false;
    return [...this.#window.open].every(({ attempts }) => attempts > 0);
  }

  /** Its progress; after `stop`, a new call of `deliverEvents` can resume from it. */
  progress(): DeliveryProgress {
    // An attempt that timed out counts as well.
    const open = [...this.#window.open].map(
      ({ event: { seq }, attempts }) => [seq, attempts + Number(this.#inFlight.has(seq))] as const,
    );
    return { readTo: this.#window.readTo, open };
  }

  /** Starts no more deliveries, waits for those under way, and stores the position. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopPolling();
    const isOverdue = new Promise<void>((resolve) =>
      this.#deps.clock.after(DELIVERY_STOP_DEADLINE_MS, resolve),
    );
    await Promise.race([Promise.all([...this.#inFlight.values(), this.#deferred?.stop()]), isOverdue]);
    await this.#saving;
    await this.#save();
  }

  #poll(): void {
    if (this.#isStopping) return;
    this.#beginDue();
    if (this.#inFlight.size >= DELIVERY_CONCURRENCY) return;
    this.#readOn();
    this.#beginDue();
  }

  /** Reads one page at a time, so that requests get their turn in between. */
  #readOn(): void {
    const { kinds } = this.#subscriber;
    const hasMore = this.#window.readPage(({ kind, seq }) => kinds.has(kind) && !this.#deferred?.has(seq));
    if (hasMore) this.#deps.clock.soon(() => this.#poll());
  }

  #beginDue(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const one of this.#window.open) {
      const { seq } = one.event;
      if (this.#inFlight.size >= DELIVERY_CONCURRENCY) return;
      if (one.dueMs > nowMs || this.#inFlight.has(seq)) continue;
      const ended = this.#attempt(one).finally(() => {
        this.#inFlight.delete(seq);
        this.#poll();
      });
      this.#inFlight.set(seq, ended);
    }
  }

  async #attempt(one: OpenEvent): Promise<void> {
    const { clock, random } = this.#deps;
    const { event } = one;
    const answer = await tryDelivery(this.#subscriber, event, this.#deps);
    one.attempts += 1;
    const waitMs = backoffMs(one.attempts - 1, random, DELIVERY_BACKOFF_FIRST_MS, DELIVERY_BACKOFF_MAX_MS);
    one.dueMs = clock.monotonicMs() + waitMs;
    // Also limited by age: attempts are counted in memory, and a process may restart every minute.
    const isOld = one.attempts >= DELIVERY_ATTEMPTS_OLD && clock.now() - event.at > DELIVERY_AGE_MAX_MS;
    const isGivenUp = answer === 'retry' && (one.attempts === DELIVERY_ATTEMPTS_MAX || isOld);
    if (isGivenUp) giveUp(this.#subscriber, event.seq, this.#deps);
    // The position moves past it only once the deferred delivery is on disk.
    const isDeferred = answer === 'deferred' && (await this.#deferred?.defer(event)) === true;
    if (answer === 'done' || isGivenUp || isDeferred) this.#window.close(event.seq);
  }

  async #save(): Promise<void> {
    const { deliveredTo } = this.#window;
    // After a refusal, the next poll tries again.
    if (deliveredTo > this.#saved)
      this.#saved = (await advance(this.#subscriber, deliveredTo, this.#deps)) ?? this.#saved;
  }
}
