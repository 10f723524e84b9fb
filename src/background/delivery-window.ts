/** The part of the event log that a subscriber has read, and what of it is not delivered yet. */
import type { LoggedEvent } from '../database/log-reads.ts';
import { logReads } from '../database/log-reads.ts';
import {
  DELIVERY_OPEN_EVENTS_MAX,
  DELIVERY_PAGE_EVENTS,
  DELIVERY_WINDOW_EVENTS,
} from '../domain/delivery-limits.ts';
import type { DeliveryDeps } from './subscriber.ts';

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
export interface OpenEvent {
  event: LoggedEvent;
  attempts: number;
  /** On the monotonic clock. */
  dueMs: number;
}

export class DeliveryWindow {
  readonly #deps: Pick<DeliveryDeps, 'db' | 'clock'>;
  /** In the order of the log. */
  readonly #open = new Map<number, OpenEvent>();
  #readTo: number;

  /**
   * Begins at the stored position, or resumes from `before`, whose failed events are due in
   * `retryInMs`.
   */
  constructor(
    deps: Pick<DeliveryDeps, 'db' | 'clock'>,
    position: number,
    before: DeliveryProgress,
    retryInMs: number,
  ) {
    const { db, clock } = deps;
    this.#deps = deps;
    this.#readTo = Math.max(position, before.readTo);
    for (const [seq, attempts] of before.open) {
      const [event] = seq > position ? logReads(db).eventsAfter(seq - 1, 1) : [];
      const dueMs = clock.monotonicMs() + (attempts > 0 ? retryInMs : 0);
      if (event?.seq === seq) this.#open.set(seq, { event, attempts, dueMs });
    }
  }

  get readTo(): number {
    return this.#readTo;
  }

  /** The position up to which everything is delivered. */
  get deliveredTo(): number {
    const [oldest] = this.#open.keys();
    return oldest === undefined ? this.#readTo : oldest - 1;
  }

  /** The events that are not delivered, oldest first. */
  get open(): Iterable<OpenEvent> {
    return this.#open.values();
  }

  /** Whether the log has events that may be read now. */
  get hasUnread(): boolean {
    return this.#mayReadOn && logReads(this.#deps.db).lastSeq() !== this.#readTo;
  }

  /** Reads one page, and opens the events that `accepts` admits. True if more may follow. */
  readPage(accepts: (event: LoggedEvent) => boolean): boolean {
    const { db, clock } = this.#deps;
    if (!this.#mayReadOn) return false;
    const page = logReads(db).eventsAfter(this.#readTo, DELIVERY_PAGE_EVENTS);
    for (const event of page.filter(accepts))
      this.#open.set(event.seq, { event, attempts: 0, dueMs: clock.monotonicMs() });
    this.#readTo = page.at(-1)?.seq ?? this.#readTo;
    return page.length === DELIVERY_PAGE_EVENTS;
  }

  /** Removes an event that is delivered, given up or deferred. */
  close(seq: number): void {
    this.#open.delete(seq);
  }

  get #mayReadOn(): boolean {
    return mayReadOn(this.#open.size, this.#readTo - this.deliveredTo);
  }
}
