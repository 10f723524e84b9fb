/** The read threads of a serving thread: started on demand, bounded, replaced, ended when idle. */
import { availableParallelism } from 'node:os';
import type { Clock } from './clock.ts';
import { DatabaseClosedError, OverloadedError } from './errors.ts';
import { Fifo } from './fifo.ts';
import { DEADLINE_CHECK_MS, READ_THREAD_IDLE_MS, READ_THREADS_MIN } from './limits.ts';
import type { ReadThreadSettings } from './read-protocol.ts';
import { ReadThreadClient } from './read-thread-client.ts';
import type { ReaderPool } from './reader-pool.ts';
import type { Remote } from './remote-session.ts';
import type { Statement, StatementResult } from './statements.ts';

export interface ReadThreadsSettings extends ReadThreadSettings {
  /** Threads that may run statements at the same time. */
  threadsMax: number;
  /** Statements, or batches of statements, that may wait. */
  waitingMax: number;
  /** Milliseconds after which a waiting statement is refused. */
  deadlineMs: number;
}

export interface ReadThreadCounts {
  open: number;
  idle: number;
  /** Statements that wait for a thread. */
  waiting: number;
}

/** A function in progress in a thread of its own, which ends with it. */
export interface ReadRun {
  /** The next part, or null at the end. Rejects if the function threw or was ended. */
  next(): Promise<unknown>;
  /** Ends the function, immediately if it is working. */
  end(): Promise<void>;
}

/**
 * How many threads may run statements at the same time: one for each of `readers` except the
 * calling thread's own, and no more than there are cores, because a long read needs a core.
 */
export const readThreadsMax = (readers: number): number =>
  Math.min(readers - 1, Math.max(READ_THREADS_MIN, availableParallelism()));

interface Waiting {
  statements: readonly Statement[];
  deadlineMs: number;
  answered: PromiseWithResolvers<readonly StatementResult[]>;
}

export class ReadThreads {
  readonly #settings: ReadThreadsSettings;
  readonly #pool: ReaderPool;
  readonly #clock: Clock;
  readonly #threads = new Set<ReadThreadClient>();
  /** Idle threads, with a function that cancels the idle timer; the last one is used first. */
  readonly #idle = new Map<ReadThreadClient, () => void>();
  readonly #waiting = new Fifo<Waiting>();
  #running = 0;
  #stopDeadlines: (() => void) | null = null;
  #whenDone: (() => void) | null = null;
  #isOpen = true;

  constructor(settings: ReadThreadsSettings, pool: ReaderPool, clock: Clock) {
    this.#settings = settings;
    this.#pool = pool;
    this.#clock = clock;
  }

  counts(): ReadThreadCounts {
    return { open: this.#threads.size, idle: this.#idle.size, waiting: this.#waiting.length };
  }

  /** Runs statements, all on the same state. Waits for a thread at most `deadlineMs`. */
  readonly read: Remote = (statements) => {
    if (!this.#isOpen) return Promise.reject(new DatabaseClosedError());
    if (this.#waiting.length >= this.#settings.waitingMax) return Promise.reject(new OverloadedError(1));
    const deadlineMs = this.#clock.monotonicMs() + this.#settings.deadlineMs;
    const answered = Promise.withResolvers<readonly StatementResult[]>();
    this.#waiting.push({ statements, deadlineMs, answered });
    this.#runNext();
    return answered.promise;
  };

  /** Begins a function of the module in a thread of its own; null if no connection is free. */
  begin(name: string, input: unknown): ReadRun | null {
    const thread = this.#isOpen ? this.#take() : null;
    if (!thread) return null;
    thread.post({ kind: 'begin', name, input });
    let ended: Promise<void> | null = null;
    const end = (): Promise<void> => {
      if (thread.isBusy) thread.terminate();
      else thread.post({ kind: 'close' });
      return thread.gone;
    };
    return {
      next: () =>
        ended ? Promise.reject(new Error('The read was ended.')) : thread.request({ kind: 'next' }),
      end() {
        ended ??= end();
        return ended;
      },
    };
  }

  /** Refuses new statements; resolves once all accepted ones are answered. */
  drain(): Promise<void> {
    this.#isOpen = false;
    return new Promise((resolve) => {
      this.#whenDone = resolve;
      this.#reportDone();
    });
  }

  /** Ends every thread; resolves once all have ended. */
  async close(): Promise<void> {
    this.#isOpen = false;
    for (let next = this.#waiting.take(); next; next = this.#waiting.take()) {
      next.answered.reject(new DatabaseClosedError());
    }
    this.#stopDeadlines?.();
    const gone = [...this.#threads].map((thread) => thread.gone);
    for (const thread of this.#threads) {
      if (this.#idle.has(thread)) this.#endIdle(thread);
      else thread.terminate();
    }
    await Promise.all(gone);
  }

  #runNext(): void {
    while (this.#waiting.length > 0 && this.#running < this.#settings.threadsMax) {
      const thread = this.#take();
      // Every connection is in use: the next deadline check tries again.
      if (!thread) break;
      const next = this.#waiting.take();
      if (next) void this.#run(next, thread);
    }
    this.#watchDeadlines();
    this.#reportDone();
  }

  async #run({ statements, answered }: Waiting, thread: ReadThreadClient): Promise<void> {
    this.#running += 1;
    try {
      answered.resolve((await thread.request({ kind: 'run', statements })) as readonly StatementResult[]);
    } catch (error) {
      answered.reject(error);
    }
    this.#running -= 1;
    this.#release(thread);
    this.#runNext();
  }

  /** A free thread, or a new one; null if no connection is free. */
  #take(): ReadThreadClient | null {
    const idle = [...this.#idle.keys()].at(-1);
    if (idle) {
      this.#leaveIdle(idle);
      return idle;
    }
    if (!this.#pool.reserve()) return null;
    const thread = new ReadThreadClient(this.#settings);
    this.#threads.add(thread);
    void thread.gone.then(() => {
      this.#threads.delete(thread);
      this.#leaveIdle(thread);
      this.#pool.unreserve();
    });
    return thread;
  }

  #release(thread: ReadThreadClient): void {
    // A thread that died at work removes itself.
    if (thread.hasFailed) return;
    this.#idle.set(
      thread,
      this.#clock.every(READ_THREAD_IDLE_MS, () => this.#endIdle(thread)),
    );
  }

  #leaveIdle(thread: ReadThreadClient): void {
    this.#idle.get(thread)?.();
    this.#idle.delete(thread);
  }

  #endIdle(thread: ReadThreadClient): void {
    this.#leaveIdle(thread);
    thread.post({ kind: 'close' });
  }

  #watchDeadlines(): void {
    if (this.#waiting.length === 0) {
      this.#stopDeadlines?.();
      this.#stopDeadlines = null;
    } else {
      this.#stopDeadlines ??= this.#clock.every(DEADLINE_CHECK_MS, () => this.#enforceDeadlines());
    }
  }

  #enforceDeadlines(): void {
    const nowMs = this.#clock.monotonicMs();
    // All deadlines are equally long after arrival: the first in line expires first.
    for (let next = this.#waiting.peek(); next && next.deadlineMs <= nowMs; next = this.#waiting.peek()) {
      this.#waiting.take();
      next.answered.reject(new OverloadedError(1));
    }
    this.#runNext();
  }

  #reportDone(): void {
    if (this.#running === 0 && this.#waiting.length === 0) this.#whenDone?.();
  }
}
