/** The read threads of one thread that serves: started when they are needed, bounded, replaced, and ended when idle. */
import { availableParallelism } from 'node:os';
import { AskedThread } from './asked-thread.ts';
import type { Clock } from './clock.ts';
import { DatabaseClosedError, OverloadedError } from './errors.ts';
import { Fifo } from './fifo.ts';
import { DEADLINE_CHECK_MS, READ_THREAD_IDLE_MS, READ_THREADS_MIN } from './limits.ts';
import type { ReadThreadSettings } from './read-protocol.ts';
import type { ReaderPool } from './reader-pool.ts';
import type { Remote } from './remote-session.ts';
import type { Statement, StatementResult } from './statements.ts';

export interface ReadThreadsSettings extends ReadThreadSettings {
  /** Threads that may run statements at the same time. */
  threadsMax: number;
  /** Statements, or batches of them, that may wait. */
  waitingMax: number;
  /** Milliseconds after which one that waits is refused. */
  deadlineMs: number;
}

export interface ReadThreadCounts {
  open: number;
  idle: number;
  /** Statements that wait for a thread. */
  waiting: number;
}

/** A function that is under way in a thread of its own, which ends with it. */
export interface ReadRun {
  /** Its next part, or null at its end. Rejects where it has thrown, or was ended. */
  next(): Promise<unknown>;
  /** Ends it, at once where it works. */
  end(): Promise<void>;
}

/**
 * How many threads may run statements at the same time: one for each of `readers` but the calling thread's own, and no more
 * than there are cores, because what a long read needs is a core.
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
  readonly #threads = new Set<AskedThread>();
  /** With what stops the end of each; the last one given back works next. */
  readonly #idle = new Map<AskedThread, () => void>();
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

  /** Runs statements on a thread that is free; several see the same state. Waits for a thread at most `deadlineMs`. */
  readonly read: Remote = (statements) => {
    if (!this.#isOpen) return Promise.reject(new DatabaseClosedError());
    if (this.#waiting.length >= this.#settings.waitingMax) return Promise.reject(new OverloadedError(1));
    const deadlineMs = this.#clock.monotonicMs() + this.#settings.deadlineMs;
    const answered = Promise.withResolvers<readonly StatementResult[]>();
    this.#waiting.push({ statements, deadlineMs, answered });
    this.#runNext();
    return answered.promise;
  };

  /** Begins a function of the module in a thread of its own; null where no connection is free. */
  begin(name: string, input: unknown): ReadRun | null {
    const thread = this.#isOpen ? this.#take() : null;
    if (!thread) return null;
    thread.post({ kind: 'begin', name, input });
    let ended: Promise<void> | null = null;
    const end = (): Promise<void> => {
      if (thread.isAsked) thread.terminate();
      else thread.post({ kind: 'close' });
      return thread.gone;
    };
    return {
      next: () => (ended ? Promise.reject(new Error('The read was ended.')) : thread.ask({ kind: 'next' })),
      end() {
        ended ??= end();
        return ended;
      },
    };
  }

  /** Refuses new statements; resolves once all that were accepted have their answer. */
  drain(): Promise<void> {
    this.#isOpen = false;
    return new Promise((resolve) => {
      this.#whenDone = resolve;
      this.#reportDone();
    });
  }

  /** Ends every thread; resolves once all have gone. */
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
      // Others have every connection: it is tried again with the next look at the deadlines.
      if (!thread) break;
      const next = this.#waiting.take();
      if (next) void this.#run(next, thread);
    }
    this.#watchDeadlines();
    this.#reportDone();
  }

  async #run({ statements, answered }: Waiting, thread: AskedThread): Promise<void> {
    this.#running += 1;
    try {
      answered.resolve((await thread.ask({ kind: 'run', statements })) as readonly StatementResult[]);
    } catch (error) {
      answered.reject(error);
    }
    this.#running -= 1;
    this.#release(thread);
    this.#runNext();
  }

  /** A thread that is free, or a new one; null where no connection is free. */
  #take(): AskedThread | null {
    const idle = [...this.#idle.keys()].at(-1);
    if (idle) {
      this.#idle.get(idle)?.();
      this.#idle.delete(idle);
      return idle;
    }
    if (!this.#pool.reserve()) return null;
    const thread = new AskedThread(this.#settings);
    this.#threads.add(thread);
    void thread.gone.then(() => {
      this.#threads.delete(thread);
      this.#idle.get(thread)?.();
      this.#idle.delete(thread);
      this.#pool.unreserve();
    });
    return thread;
  }

  #release(thread: AskedThread): void {
    // One that has died at its work leaves by itself.
    if (thread.hasFailed) return;
    this.#idle.set(
      thread,
      this.#clock.every(READ_THREAD_IDLE_MS, () => this.#endIdle(thread)),
    );
  }

  #endIdle(thread: AskedThread): void {
    this.#idle.get(thread)?.();
    this.#idle.delete(thread);
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
    // All deadlines are equally long after the arrival: the first in line expires first.
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
