/** One thread's side of the split: its link to the writer, its queue and its readers. */
import { receiveMessageOnPort } from 'node:worker_threads';
import type { Clock } from './clock.ts';
import { DatabaseClosedError } from './errors.ts';
import { TRANSACTIONS_WAITING_MAX, WAL_FRAME_BYTES } from './limits.ts';
import type { Remote } from './remote-session.ts';
import type { SplitEvents } from './split-events.ts';
import { type ReadersStatus, ThreadReaders, type ThreadReadersSettings } from './thread-readers.ts';
import { type TransactionCounts, TransactionQueue } from './transaction-queue.ts';
import { within } from './within.ts';
import {
  type Batch,
  type CommitTimes,
  type FromWriter,
  fromWire,
  type TransactionStep,
  toWire,
  type Wire,
  type WriterLink,
} from './writer-protocol.ts';
import { type Priorities, WriterQueue } from './writer-queue.ts';

export interface LinkedSplitSettings<Command, Priority extends string> extends ThreadReadersSettings {
  priorities: Priorities<Command, Priority>;
}

export interface SplitStatus<Priority extends string> extends ReadersStatus {
  /** Commands are accepted: the writer works, the disk has space, and nothing is closing. */
  isReady: boolean;
  queueDepth: Record<Priority, number>;
  walPages: number;
  walBytes: number;
}

/** What a thread may do with its queue; the link itself posts and settles. */
type OpenQueue<Command, Outcome, Priority extends string> = Pick<
  WriterQueue<Command, Outcome, Priority>,
  'submit' | 'isFull' | 'flushOverdue'
>;

export class LinkedSplit<Command, Outcome, Update, Priority extends string> {
  readonly readers: ThreadReaders;
  readonly #port: WriterLink['port'];
  readonly #lastCommit: Int32Array;
  readonly #clock: Clock;
  readonly #events: SplitEvents<Command, Outcome, Update>;
  readonly #queue: WriterQueue<Command, Outcome, Priority>;
  readonly #transactions: TransactionQueue;
  #state: 'opening' | 'ready' | 'closing' | 'failed' = 'opening';
  #seenCommit = 0;
  #walPages = 0;
  #hasSpace = true;

  /** `onOpen` is called with null once commands can be submitted, or with the reason why not. */
  constructor(
    settings: LinkedSplitSettings<Command, Priority>,
    { port, lastCommit }: WriterLink,
    clock: Clock,
    events: SplitEvents<Command, Outcome, Update>,
    onOpen: (error: unknown) => void,
  ) {
    this.#port = port;
    this.#lastCommit = new Int32Array(lastCommit);
    this.#clock = clock;
    this.#events = events;
    this.readers = new ThreadReaders(settings, () => Atomics.load(this.#lastCommit, 0), clock);
    this.#queue = new WriterQueue(
      (commands) => port.postMessage(toWire<Batch<Command>>({ kind: 'batch', commands })),
      settings.queue,
      settings.priorities,
      clock,
      events.onSettled,
    );
    this.#transactions = new TransactionQueue(
      (step) => port.postMessage(toWire<TransactionStep>(step)),
      { waitingMax: TRANSACTIONS_WAITING_MAX, deadlineMs: settings.queue.deadlineMs },
      clock,
      events.onTransaction,
    );
    port.on('message', (wire: Wire<FromWriter<Outcome, Update>>) => {
      if (this.#state === 'opening') onOpen(this.#open(wire));
      else this.#receive(wire);
    });
    port.on('close', () => {
      if (this.#state === 'ready') this.fail('The link to the writer has ended.');
    });
  }

  get queue(): OpenQueue<Command, Outcome, Priority> {
    return this.#queue;
  }

  /** Runs `work` alone on the writer, in a transaction; resolves after the fsync of its COMMIT. */
  transaction<T>(work: (remote: Remote) => Promise<T>): Promise<T> {
    return this.#transactions.run(work);
  }

  status(): SplitStatus<Priority> {
    return {
      isReady: this.#state === 'ready' && this.#hasSpace,
      queueDepth: this.#queue.depth(),
      walPages: this.#walPages,
      walBytes: this.#walPages * WAL_FRAME_BYTES,
      ...this.readers.status(),
    };
  }

  transactionCounts(): TransactionCounts {
    return this.#transactions.counts();
  }

  /** Applies commits of other threads. Call this before each request, if several threads serve. */
  catchUp(): void {
    while (this.#seenCommit !== Atomics.load(this.#lastCommit, 0)) {
      const waiting = receiveMessageOnPort(this.#port);
      if (!waiting) return;
      this.#receive(waiting.message);
    }
  }

  /** Refuses every command from now on. Call this when the writer is lost. */
  fail(reason: string): void {
    if (this.#state === 'failed') return;
    const wasClosing = this.#state === 'closing';
    this.#state = 'failed';
    this.#queue.fail();
    this.#transactions.fail();
    if (!wasClosing) this.#events.onFault(reason);
  }

  /**
   * Answers everything accepted, ends other reads by `endReads`, and closes this thread's
   * connections; each wait ends after `deadlineMs`.
   */
  async close(deadlineMs: number, endReads: () => Promise<unknown>): Promise<void> {
    if (this.#state === 'ready') {
      this.#state = 'closing';
      const accepted = [this.#queue.drain(), this.#transactions.drain(), this.readers.threads.drain()];
      await within(Promise.all(accepted), deadlineMs, this.#clock);
      // Work without an answer by now gets none over a closed port.
      this.#queue.fail();
      this.#transactions.fail();
      await endReads();
    }
    await this.readers.close(deadlineMs);
    this.#port.close();
  }

  /** Receives the first message; returns the error if a reader cannot be opened. */
  #open(wire: Wire<FromWriter<Outcome, Update>>): unknown {
    try {
      this.#receive(wire);
      return this.readers.isOpen ? null : new Error('The writer was lost before it was ready.');
    } catch (error) {
      return error;
    }
  }

  #receive(wire: Wire<FromWriter<Outcome, Update>>): void {
    const message = fromWire(wire);
    switch (message.kind) {
      case 'ready':
        this.#applyUpdate(message.update, message.commit);
        this.readers.open();
        this.#state = 'ready';
        return;
      case 'committed':
        this.#walPages = message.walPages;
        this.#applyUpdate(message.update, message.commit);
        this.#queue.settle(message.outcomes);
        if (message.times) this.#measure(message.times, message.outcomes.length);
        return;
      case 'checkpointed':
        this.#walPages = message.walPages;
        this.#events.onMeasure?.('checkpointMs', message.tookMs);
        return;
      case 'changed':
        this.#applyUpdate(message.update, message.commit);
        return;
      case 'refused':
        this.#queue.refuseBatch(message.why);
        return;
      case 'held':
        this.#queue.setHeld(message.isHeld);
        return;
      case 'began':
      case 'stepped':
      case 'ended':
        this.#transactions.receive(message);
        return;
      case 'space':
        this.#hasSpace = message.hasSpace;
        this.#queue.setSpace(message.hasSpace);
        this.#events.onSpace?.(message.hasSpace);
        return;
      case 'fault':
        this.fail(message.reason);
    }
  }

  /** Applies a commit before any caller is answered: the caller's next read must see it. */
  #applyUpdate(update: Update | null, commit: number): void {
    this.readers.endTurn();
    if (update !== null) this.#events.onUpdate(update);
    this.#seenCommit = commit;
  }

  #measure({ commitMs, fsyncMs, at }: CommitTimes, commands: number): void {
    const { onMeasure } = this.#events;
    onMeasure?.('batchCommands', commands);
    onMeasure?.('commitMs', commitMs);
    onMeasure?.('fsyncMs', fsyncMs);
    onMeasure?.('updateAgeMs', Math.max(0, this.#clock.now() - at));
  }
}

/** Opens a link to the writer; resolves once it accepts commands. Rejects if no reader opens. */
export function openLinkedSplit<Command, Outcome, Update, Priority extends string>(
  settings: LinkedSplitSettings<Command, Priority>,
  link: WriterLink,
  clock: Clock,
  events: SplitEvents<Command, Outcome, Update>,
): Promise<LinkedSplit<Command, Outcome, Update, Priority>> {
  return new Promise((resolve, reject) => {
    const onOpen = (error: unknown): void => (error === null ? resolve(split) : reject(error));
    const split = new LinkedSplit(settings, link, clock, events, onOpen);
    link.port.once('close', () => reject(new DatabaseClosedError()));
  });
}
