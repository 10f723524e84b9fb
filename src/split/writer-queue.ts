/** The bounded queue before the writer: priorities, a deadline for each command, and one batch in flight at a time. */
import type { Clock } from './clock.ts';
import { Fifo } from './fifo.ts';
import { DEADLINE_CHECK_MS } from './limits.ts';
import type { QueueRefusal } from './refusal.ts';

export interface WriterQueueSettings {
  /** Commands that may wait at one priority. */
  queueMax: number;
  /** Milliseconds after which a command that waits is refused; after as many more at the writer its outcome is unknown. */
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

/** A turn of the event loop can last seconds under load: a batch waits for its end no longer than this. */
const TURN_MAX_MS = 10;

/**
 * Groups commands by the writer's own pace: a batch is what arrived while the last one was committed. `post` sends a batch
 * to the writer, which answers by `settle`.
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
  /** When callers of the batch at the writer stop waiting for it. */
  #unknownAtMs = 0;
  #isPostScheduled = false;
  /** When a scheduled batch is posted without waiting for the end of the event loop's turn. */
  #turnOverMs = 0;
  #hasRoom = true;
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

  /** Commands that wait, by priority; what is at the writer is not counted. */
  depth(): Record<Priority, number> {
    const depths = [...this.#waiting].map(([priority, { length }]) => [priority, length]);
    return Object.fromEntries(depths) as Record<Priority, number>;
  }

  /** Whether a command of this priority would be refused as overloaded. */
  isFull(priority: Priority): boolean {
    return this.#at(priority).length >= this.#settings.queueMax;
  }

  /** Posts a scheduled batch whose turn of the event loop has become too long; to be called with each request. */
  flushOverdue(): void {
    if (this.#isPostScheduled && this.#clock.monotonicMs() >= this.#turnOverMs) this.#postNext();
  }

  /** Resolves after the command's COMMIT, or with the queue's own refusal; never rejects. */
  submit(command: Command): Promise<Outcome | QueueRefusal> {
    if (this.#state !== 'open') return Promise.resolve({ kind: 'stopping' });
    if (!this.#hasRoom) return Promise.resolve({ kind: 'disk_full' });
    const priority = this.#priorities.of(command);
    if (this.isFull(priority)) return Promise.resolve({ kind: 'overloaded', retryAfterSeconds: 1 });
    return new Promise((resolve) => {
      const deadlineMs = this.#clock.monotonicMs() + this.#settings.deadlineMs;
      this.#at(priority).push({ command, deadlineMs, resolve });
      this.#schedulePost();
    });
  }

  /** The answer to the batch at the writer. */
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

  /** The writer's other answer to the batch: nothing of it was done, for want of room or because the file was locked. */
  refuseBatch(why: 'disk_full' | 'busy'): void {
    const batch = this.#inFlight ?? [];
    this.#inFlight = null;
    const refusal: QueueRefusal =
      why === 'busy' ? { kind: 'overloaded', retryAfterSeconds: 1 } : { kind: 'disk_full' };
    for (const waiting of batch) waiting.resolve(refusal);
    this.#schedulePost();
  }

  /** While a transaction is open on the writer everything waits here, where its deadline is a plain refusal. */
  setHeld(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#postNext();
  }

  /** Without room on the disk nobody waits; what is at the writer has its answer from there. */
  setRoom(hasRoom: boolean): void {
    this.#hasRoom = hasRoom;
    if (!hasRoom) this.#refuseWaiting({ kind: 'disk_full' });
  }

  /** Refuses new commands and resolves once every accepted one has its answer. */
  drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'stopping';
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#reportIdle();
    });
  }

  /** The writer is lost: what was at it is unknown, what waits was not executed. */
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

  // Not at once: everything that one turn of the event loop brings shares a batch, and so an fsync.
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
    // Not the deadlines of its commands: one that was posted late in its own would be unknown before the writer can answer.
    this.#unknownAtMs = this.#clock.monotonicMs() + this.#settings.deadlineMs;
    this.#post(batch.map((waiting) => waiting.command));
  }

  #enforceDeadlines(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const waiting of this.#waiting.values()) {
      // All deadlines are equally long after the arrival: the first in line expires first.
      for (let next = waiting.peek(); next && next.deadlineMs <= nowMs; next = waiting.peek()) {
        waiting.take();
        next.resolve({ kind: 'overloaded', retryAfterSeconds: 1 });
      }
    }
    // The batch stays in flight: its caller stops waiting, the writer does not.
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
