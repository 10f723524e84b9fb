/**
 * The bounded queue before the writer: priorities, a deadline for each command, and one batch in
 * flight at a time.
 */
import type { Clock } from './clock.ts';
import { Fifo } from './fifo.ts';
import { DEADLINE_CHECK_MS } from './limits.ts';
import { type NotWritten, refusalOf } from './not-written.ts';
import type { QueueRefusal } from './refusal.ts';

export interface WriterQueueSettings {
  /** Commands that may wait at one priority. */
  queueMax: number;
  /**
   * Milliseconds after which a waiting command is refused; after as many again at the writer its
   * outcome is unknown.
   */
  deadlineMs: number;
  /** Commands that may share a commit. */
  batchMax: number;
}

/** How urgent each command is. */
export interface Priorities<Command, Priority extends string> {
  /** The most urgent first. */
  order: readonly Priority[];
  of(command: Command): Priority;
}

interface Waiting<Command, Outcome> {
  command: Command;
  deadlineMs: number;
  resolve: (outcome: Outcome | QueueRefusal) => void;
}

/** Milliseconds a batch waits for the end of an event-loop turn, which can last seconds. */
const TURN_MAX_MS = 10;

/**
 * Groups commands at the writer's own pace: a batch is what arrived while the last one was being
 * committed. `post` sends a batch to the writer, which answers by `settle`.
 */
export class WriterQueue<Command, Outcome, Priority extends string> {
  readonly #post: (commands: readonly Command[]) => void;
  readonly #settings: WriterQueueSettings;
  readonly #priorities: Priorities<Command, Priority>;
  readonly #clock: Clock;
  readonly #onSettled: (command: Command, outcome: Outcome) => void;
  readonly #waiting: ReadonlyMap<Priority, Fifo<Waiting<Command, Outcome>>>;
  readonly #stopDeadlines: () => void;
  readonly #idleWaiters: (() => void)[] = [];
  #inFlight: readonly Waiting<Command, Outcome>[] | null = null;
  /** When the callers of the batch at the writer stop waiting for it. */
  #unknownAtMs = 0;
  #isPostScheduled = false;
  /** When a scheduled batch is posted without waiting for the end of the event loop's turn. */
  #turnOverMs = 0;
  #hasSpace = true;
  #isHeld = false;
  #state: 'open' | 'stopping' | 'failed' = 'open';

  /** `onSettled` is called for each command that the writer has answered. */
  constructor(
    post: (commands: readonly Command[]) => void,
    settings: WriterQueueSettings,
    priorities: Priorities<Command, Priority>,
    clock: Clock,
    onSettled: (command: Command, outcome: Outcome) => void = () => undefined,
  ) {
    this.#onSettled = onSettled;
    this.#post = post;
    this.#settings = settings;
    this.#priorities = priorities;
    this.#clock = clock;
    this.#waiting = new Map(priorities.order.map((priority) => [priority, new Fifo()]));
    this.#stopDeadlines = clock.every(DEADLINE_CHECK_MS, () => this.#enforceDeadlines());
  }

  /** Commands that wait, by priority; those at the writer are not counted. */
  depth(): Record<Priority, number> {
    const depths = [...this.#waiting].map(([priority, { length }]) => [priority, length]);
    return Object.fromEntries(depths) as Record<Priority, number>;
  }

  /** Whether a command of this priority would be refused as overloaded. */
  isFull(priority: Priority): boolean {
    return this.#at(priority).length >= this.#settings.queueMax;
  }

  /** Posts a batch whose event-loop turn has taken too long. Call this with each request. */
  flushOverdue(): void {
    if (this.#isPostScheduled && this.#clock.monotonicMs() >= this.#turnOverMs) this.#postNext();
  }

  /** Resolves after the fsync of the command's COMMIT, or with a refusal; never rejects. */
  submit(command: Command): Promise<Outcome | QueueRefusal> {
    if (this.#state !== 'open') return Promise.resolve({ kind: 'stopping' });
    if (!this.#hasSpace) return Promise.resolve({ kind: 'disk_full' });
    const priority = this.#priorities.of(command);
    if (this.isFull(priority)) return Promise.resolve({ kind: 'overloaded', retryAfterSeconds: 1 });
    return new Promise((resolve) => {
      const deadlineMs = this.#clock.monotonicMs() + this.#settings.deadlineMs;
      this.#at(priority).push({ command, deadlineMs, resolve });
      this.#schedulePost();
    });
  }

  /** Answers the callers of the batch at the writer. */
  settle(outcomes: readonly Outcome[]): void {
    const batch = this.#inFlight ?? [];
    this.#inFlight = null;
    for (const [index, waiting] of batch.entries()) {
      if (index >= outcomes.length) {
        waiting.resolve({ kind: 'outcome_unknown' });
        continue;
      }
      const outcome = outcomes[index] as Outcome;
      waiting.resolve(outcome);
      this.#onSettled(waiting.command, outcome);
    }
    this.#schedulePost();
  }

  /** Refuses the batch at the writer, which had no effect: disk full, or file locked. */
  refuseBatch(why: NotWritten): void {
    const batch = this.#inFlight ?? [];
    this.#inFlight = null;
    for (const waiting of batch) waiting.resolve(refusalOf(why));
    this.#schedulePost();
  }

  /**
   * Keeps all commands here while a transaction is open on the writer: past their deadline they are
   * plainly refused.
   */
  setHeld(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#postNext();
  }

  /** Refuses all waiting commands if the disk is full; the writer answers the batch that it has. */
  setSpace(hasSpace: boolean): void {
    this.#hasSpace = hasSpace;
    if (!hasSpace) this.#refuseWaiting({ kind: 'disk_full' });
  }

  /** Refuses new commands; resolves once every accepted one is answered. */
  drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'stopping';
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#reportIdle();
    });
  }

  /**
   * Call this when the writer is lost: the outcome of its batch is unknown, waiting commands were
   * not executed.
   */
  fail(): void {
    if (this.#state === 'failed') return;
    this.#state = 'failed';
    const batch = this.#inFlight ?? [];
    this.#inFlight = null;
    for (const waiting of batch) waiting.resolve({ kind: 'outcome_unknown' });
    this.#refuseWaiting({ kind: 'stopping' });
    this.#reportIdle();
  }

  #refuseWaiting(refusal: QueueRefusal): void {
    for (const waiting of this.#waiting.values()) {
      for (let next = waiting.take(); next; next = waiting.take()) next.resolve(refusal);
    }
  }

  // Not immediately: everything that arrives in one event-loop turn shares a batch, and so an
  // fsync.
  #schedulePost(): void {
    if (this.#inFlight !== null) return;
    if (this.#isPostScheduled) {
      this.flushOverdue();
      return;
    }
    this.#isPostScheduled = true;
    this.#turnOverMs = this.#clock.monotonicMs() + TURN_MAX_MS;
    this.#clock.soon(() => {
      this.#isPostScheduled = false;
      this.#postNext();
    });
  }

  #postNext(): void {
    if (this.#inFlight !== null || this.#isHeld || this.#state === 'failed') return;
    const batch: Waiting<Command, Outcome>[] = [];
    for (const waiting of this.#waiting.values()) {
      while (batch.length < this.#settings.batchMax) {
        const next = waiting.take();
        if (!next) break;
        batch.push(next);
      }
    }
    if (batch.length === 0) {
      this.#reportIdle();
      return;
    }
    this.#inFlight = batch;
    // Not the deadlines of its commands: one that was posted late would be unknown before the
    // writer can answer.
    this.#unknownAtMs = this.#clock.monotonicMs() + this.#settings.deadlineMs;
    this.#post(batch.map((waiting) => waiting.command));
  }

  #enforceDeadlines(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const waiting of this.#waiting.values()) {
      // All deadlines are equally long after arrival: the first in line expires first.
      for (let next = waiting.peek(); next && next.deadlineMs <= nowMs; next = waiting.peek()) {
        waiting.take();
        next.resolve({ kind: 'overloaded', retryAfterSeconds: 1 });
      }
    }
    // The batch stays in flight: its callers stop waiting, the writer does not.
    if (nowMs < this.#unknownAtMs) return;
    for (const waiting of this.#inFlight ?? []) waiting.resolve({ kind: 'outcome_unknown' });
  }

  #reportIdle(): void {
    if (this.#inFlight !== null || [...this.#waiting.values()].some(({ length }) => length > 0)) return;
    if (this.#state === 'open') return;
    this.#stopDeadlines();
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  #at(priority: Priority): Fifo<Waiting<Command, Outcome>> {
    const waiting = this.#waiting.get(priority);
    if (!waiting) throw new Error(`No queue has the priority ${priority}.`);
    return waiting;
  }
}
