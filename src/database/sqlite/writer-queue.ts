/** The bounded queue before the writer: lanes, a deadline for each command, and one batch at a time on its way. */

import type { Command } from '../../domain/command.ts';
import type { CommandOutcome, Outcome } from '../../domain/outcome.ts';
import { type QueueLane, queueLaneOf, queueLanes } from '../../domain/queue-lane.ts';
import type { Clock } from '../../split/clock.ts';

export interface WriterQueueSettings {
  /** Commands that may wait in one lane. */
  queueMax: number;
  /** After it a waiting command is refused, and one at the writer is answered as unknown. */
  deadlineMs: number;
  batchMax: number;
}

interface Waiting {
  command: Command;
  deadlineMs: number;
  resolve: (outcome: Outcome) => void;
}

/** First in, first out, without moving the rest at each take. */
class Fifo<T> {
  #entries: T[] = [];
  #head = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }
  peek(): T | undefined {
    return this.#entries[this.#head];
  }
  push(entry: T): void {
    this.#entries.push(entry);
  }
  take(): T | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head === 1024) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
    return entry;
  }
}

const DEADLINE_CHECK_MS = 50;
/** A turn of the event loop ends when nobody asks any more, which under load may be seconds: a batch waits for it no longer than this. */
const TURN_MAX_MS = 10;

/**
 * Groups commands by the writer's own pace: a batch is what came while the last one was committed. `post` sends a batch
 * to the writer, which answers by `settle`.
 */
export class WriterQueue {
  readonly #post: (commands: readonly Command[]) => void;
  readonly #settings: WriterQueueSettings;
  readonly #clock: Clock;
  readonly #onSettled: (command: Command, outcome: CommandOutcome) => void;
  readonly #lanes: Record<QueueLane, Fifo<Waiting>> = {
    payments: new Fifo(),
    releases: new Fifo(),
    operator: new Fifo(),
    holds: new Fifo(),
    links: new Fifo(),
  };
  readonly #stopDeadlines: () => void;
  readonly #idleWaiters: (() => void)[] = [];
  #inFlight: readonly Waiting[] | null = null;
  #isPostScheduled = false;
  /** From when on the batch does not wait for the end of the turn. */
  #turnOverMs = 0;
  #hasRoom = true;
  #state: 'open' | 'stopping' | 'failed' = 'open';

  /** `onSettled` hears of each command that the writer has answered. */
  constructor(
    post: (commands: readonly Command[]) => void,
    settings: WriterQueueSettings,
    clock: Clock,
    onSettled: (command: Command, outcome: CommandOutcome) => void = () => undefined,
  ) {
    this.#onSettled = onSettled;
    this.#post = post;
    this.#settings = settings;
    this.#clock = clock;
    this.#stopDeadlines = clock.every(DEADLINE_CHECK_MS, () => this.#enforceDeadlines());
  }

  /** Commands that wait, by lane; what is at the writer is not counted. */
  depth(): Record<QueueLane, number> {
    const { payments, releases, operator, holds, links } = this.#lanes;
    return {
      payments: payments.length,
      releases: releases.length,
      operator: operator.length,
      holds: holds.length,
      links: links.length,
    };
  }

  /** Whether a command of this lane would be refused as overloaded. */
  isFull(lane: QueueLane): boolean {
    return this.#lanes[lane].length >= this.#settings.queueMax;
  }

  /** Sends a batch that was to go at the end of this turn and has waited too long for it; called with whatever comes. */
  hurry(): void {
    if (this.#isPostScheduled && this.#clock.monotonicMs() >= this.#turnOverMs) this.#postNext();
  }

  /** Resolves after the command's COMMIT, or with the queue's own refusal; never rejects. */
  submit<C extends Command>(command: C): Promise<Outcome<C>> {
    if (this.#state !== 'open') return Promise.resolve({ kind: 'stopping' });
    if (!this.#hasRoom) return Promise.resolve({ kind: 'disk_full' });
    const lane = queueLaneOf[command.kind];
    if (this.isFull(lane)) return Promise.resolve({ kind: 'overloaded', retryAfterSeconds: 1 });
    return new Promise((resolve) => {
      this.#lanes[lane].push({
        command,
        deadlineMs: this.#clock.monotonicMs() + this.#settings.deadlineMs,
        // The writer answers each command by its own kind of outcome: the map in domain/outcome.ts says which.
        resolve: resolve as (outcome: Outcome) => void,
      });
      this.#schedulePost();
    });
  }

  /** The answer to the batch at the writer. */
  settle(outcomes: readonly CommandOutcome[]): void {
    const batch = this.#inFlight ?? [];
    this.#inFlight = null;
    batch.forEach((waiting, index) => {
      const outcome = outcomes[index];
      waiting.resolve(outcome ?? { kind: 'outcome_unknown' });
      if (outcome) this.#onSettled(waiting.command, outcome);
    });
    this.#schedulePost();
  }

  /** The writer's other answer to the batch: nothing of it was done, for want of room or because the file was locked. */
  refuseBatch(why: 'disk_full' | 'busy'): void {
    const batch = this.#inFlight ?? [];
    this.#inFlight = null;
    const refusal: Outcome =
      why === 'busy' ? { kind: 'overloaded', retryAfterSeconds: 1 } : { kind: 'disk_full' };
    for (const waiting of batch) waiting.resolve(refusal);
    this.#schedulePost();
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

  #refuseWaiting(outcome: Outcome): void {
    for (const lane of queueLanes) {
      for (let next = this.#lanes[lane].take(); next; next = this.#lanes[lane].take()) next.resolve(outcome);
    }
  }

  // Not at once: everything that one turn of the event loop brings shares a batch, and so an fsync.
  #schedulePost(): void {
    if (this.#inFlight !== null) return;
    if (this.#isPostScheduled) {
      this.hurry();
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
    if (this.#inFlight !== null || this.#state === 'failed') return;
    const batch: Waiting[] = [];
    for (const lane of queueLanes) {
      while (batch.length < this.#settings.batchMax) {
        const next = this.#lanes[lane].take();
        if (!next) break;
        batch.push(next);
      }
    }
    if (batch.length === 0) {
      this.#reportIdle();
      return;
    }
    this.#inFlight = batch;
    this.#post(batch.map((waiting) => waiting.command));
  }

  #enforceDeadlines(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const lane of queueLanes) {
      // Every deadline of a lane is the same time after its arrival: the first in line is the first over.
      const waiting = this.#lanes[lane];
      for (let next = waiting.peek(); next && next.deadlineMs <= nowMs; next = waiting.peek()) {
        waiting.take();
        next.resolve({ kind: 'overloaded', retryAfterSeconds: 1 });
      }
    }
    // The batch stays in flight: its caller stops waiting, the writer does not.
    for (const waiting of this.#inFlight ?? []) {
      if (waiting.deadlineMs <= nowMs) waiting.resolve({ kind: 'outcome_unknown' });
    }
  }

  #reportIdle(): void {
    if (this.#inFlight !== null || queueLanes.some((lane) => this.#lanes[lane].length > 0)) return;
    if (this.#state === 'open') return;
    this.#stopDeadlines();
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
