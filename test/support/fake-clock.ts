/** A clock that stands still until a test moves it. */
import type { Clock } from '../../src/split/clock.ts';

interface Timer {
  dueMs: number;
  intervalMs: number | null;
  task: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  #monotonicMs = 0;
  readonly #timers = new Set<Timer>();

  /** `now` in epoch milliseconds. */
  constructor(now = Date.UTC(2027, 0, 31, 18)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** The number of timers that have not fired. */
  get timers(): number {
    return this.#timers.size;
  }

  every(intervalMs: number, task: () => void): () => void {
    const timer = { dueMs: this.#monotonicMs + intervalMs, intervalMs, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  soon(task: () => void): void {
    queueMicrotask(task);
  }

  after(delayMs: number, task: () => void): void {
    this.#timers.add({ dueMs: this.#monotonicMs + delayMs, intervalMs: null, task });
  }

  /** Advances the time and runs each task that falls due at its own time. */
  advance(durationMs: number): void {
    const endMs = this.#monotonicMs + durationMs;
    for (let next = this.#nextDue(endMs); next; next = this.#nextDue(endMs)) {
      this.#moveTo(next.dueMs);
      if (next.intervalMs === null) this.#timers.delete(next);
      else next.dueMs += next.intervalMs;
      next.task();
    }
    this.#moveTo(endMs);
  }

  /**
   * Advances the time, but runs a task that fell due several times once: timers do so after a
   * machine slept.
   */
  jump(durationMs: number): void {
    this.#moveTo(this.#monotonicMs + durationMs);
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= this.#monotonicMs);
    for (const timer of due.sort((a, b) => a.dueMs - b.dueMs)) {
      if (timer.intervalMs === null) this.#timers.delete(timer);
      else timer.dueMs = this.#monotonicMs + timer.intervalMs;
      timer.task();
    }
  }

  /** Sets the wall clock only, as a clock correction does. */
  set(now: number): void {
    this.#now = now;
  }

  #nextDue(endMs: number): Timer | undefined {
    return [...this.#timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  }

  #moveTo(monotonicMs: number): void {
    this.#now += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}
