/** The transactions of one thread: a bounded queue that sends them to the writer one at a time. */
import type { Clock } from './clock.ts';
import { DiskFullError } from './disk-full.ts';
import {
  DatabaseClosedError,
  fromSent,
  OutcomeUnknownError,
  OverloadedError,
  TransactionTimeoutError,
} from './errors.ts';
import type { Remote } from './remote-session.ts';
import type { SentError, StatementResult, StatementsOutcome } from './statements.ts';
import type { TransactionEnd, TransactionStep } from './writer-protocol.ts';
import type { TransactionAnswer } from './writer-transactions.ts';

export interface TransactionQueueSettings {
  /** Transactions that may wait. */
  waitingMax: number;
  /** Milliseconds after which a waiting transaction is refused. */
  deadlineMs: number;
}

/** How many transactions wait, and how those that began have ended. */
export interface TransactionCounts {
  waiting: number;
  committed: number;
  rolledBack: number;
  timedOut: number;
}

interface Pending {
  resolve: (results: readonly StatementResult[]) => void;
  reject: (error: Error) => void;
}

const errorOfEnd = (how: TransactionEnd, sent?: SentError): Error => {
  if (sent) return fromSent(sent);
  switch (how) {
    case 'timed_out':
      return new TransactionTimeoutError();
    case 'disk_full':
      return new DiskFullError();
    case 'busy':
      return new OverloadedError(1);
    default:
      return new Error('The transaction has ended.');
  }
};

/** One transaction, from its wait to its end. */
class Transaction {
  readonly id: number;
  readonly began = Promise.withResolvers<void>();
  readonly ended = Promise.withResolvers<TransactionEnd>();
  readonly #post: (step: TransactionStep) => void;
  readonly #pending: Pending[] = [];
  #over: Error | null = null;
  #isCommitting = false;

  constructor(id: number, post: (step: TransactionStep) => void) {
    this.id = id;
    this.#post = post;
    // A promise that no caller awaits any more must not become an unhandled rejection.
    this.began.promise.catch(() => undefined);
    this.ended.promise.catch(() => undefined);
  }

  /** Why it accepts no more statements; null while it is open. */
  get over(): Error | null {
    return this.#over;
  }

  readonly remote: Remote = (statements) => {
    if (this.#over) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#post({ kind: 'step', id: this.id, statements });
    });
  };

  stepped(outcome: StatementsOutcome): void {
    const pending = this.#pending.shift();
    if (outcome.kind === 'statements_run') pending?.resolve(outcome.results);
    else pending?.reject(fromSent(outcome.error));
  }

  /** Ends the transaction on the writer; resolves with how it ended there. */
  end(how: 'commit' | 'rollback'): Promise<TransactionEnd> {
    if (!this.#over) {
      this.#over = errorOfEnd('rolled_back');
      this.#isCommitting = how === 'commit';
      this.#post({ kind: 'end', id: this.id, how });
    }
    return this.ended.promise;
  }

  /** Called when the writer has ended the transaction. */
  close(how: TransactionEnd, error?: SentError): void {
    this.#over = errorOfEnd(how, error);
    for (const { reject } of this.#pending.splice(0)) reject(this.#over);
    this.began.reject(this.#over);
    this.ended.resolve(how);
  }

  /** Called if the transaction never began, or if the writer is lost. */
  fail(error: Error): void {
    this.#over = this.#isCommitting ? new OutcomeUnknownError() : error;
    for (const { reject } of this.#pending.splice(0)) reject(this.#over);
    this.began.reject(this.#over);
    this.ended.reject(this.#over);
  }
}

export class TransactionQueue {
  readonly #post: (step: TransactionStep) => void;
  readonly #settings: TransactionQueueSettings;
  readonly #clock: Clock;
  readonly #onEnded: (tookMs: number, how: TransactionEnd) => void;
  readonly #idleWaiters: (() => void)[] = [];
  #waiting: Transaction[] = [];
  #current: Transaction | null = null;
  readonly #ended = { committed: 0, rolledBack: 0, timedOut: 0 };
  #lastId = 0;
  #isOpen = true;

  /** `onEnded` is called with each transaction that began, and the ms that other writes waited. */
  constructor(
    post: (step: TransactionStep) => void,
    settings: TransactionQueueSettings,
    clock: Clock,
    onEnded: (tookMs: number, how: TransactionEnd) => void = () => undefined,
  ) {
    this.#post = post;
    this.#settings = settings;
    this.#clock = clock;
    this.#onEnded = onEnded;
  }

  counts(): TransactionCounts {
    return { waiting: this.#waiting.length, ...this.#ended };
  }

  /** Runs `work` in a transaction; resolves after the COMMIT, rejects after the ROLLBACK. */
  async run<T>(work: (remote: Remote) => Promise<T>): Promise<T> {
    if (!this.#isOpen) throw new DatabaseClosedError();
    if (this.#waiting.length >= this.#settings.waitingMax) throw new OverloadedError(1);
    this.#lastId += 1;
    const transaction = new Transaction(this.#lastId, this.#post);
    this.#waiting.push(transaction);
    this.#next();
    await this.#begun(transaction);
    const beganMs = this.#clock.monotonicMs();
    // If the writer ends the transaction, a callback that never returns must not keep its caller
    // waiting.
    const endedEarly = transaction.ended.promise.then(() => Promise.reject(transaction.over));
    endedEarly.catch(() => undefined);
    let result: T;
    try {
      result = await Promise.race([work(transaction.remote), endedEarly]);
    } catch (error) {
      this.#count(beganMs, await transaction.end('rollback'));
      throw error;
    }
    const how = await transaction.end('commit');
    this.#count(beganMs, how);
    if (how !== 'committed') throw transaction.over;
    return result;
  }

  /** Receives an answer of the writer. */
  receive(message: TransactionAnswer): void {
    const current = this.#current;
    // The answer to a transaction that stopped waiting.
    if (current?.id !== message.id) return;
    if (message.kind === 'began') current.began.resolve();
    else if (message.kind === 'stepped') current.stepped(message.outcome);
    else {
      current.close(message.how, message.error);
      this.#current = null;
      this.#next();
    }
  }

  /** Refuses new transactions; resolves once every accepted one has ended. */
  drain(): Promise<void> {
    this.#isOpen = false;
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#reportIdle();
    });
  }

  /** Call this when the writer is lost. */
  fail(): void {
    this.#isOpen = false;
    const all = this.#current ? [this.#current, ...this.#waiting] : this.#waiting;
    this.#current = null;
    this.#waiting = [];
    for (const transaction of all) transaction.fail(new DatabaseClosedError());
    this.#reportIdle();
  }

  #count(beganMs: number, how: TransactionEnd): void {
    if (how === 'committed') this.#ended.committed += 1;
    else if (how === 'timed_out') this.#ended.timedOut += 1;
    else this.#ended.rolledBack += 1;
    this.#onEnded(this.#clock.monotonicMs() - beganMs, how);
  }

  async #begun(transaction: Transaction): Promise<void> {
    const stopDeadline = this.#clock.every(this.#settings.deadlineMs, () => {
      stopDeadline();
      transaction.fail(new OverloadedError(1));
      this.#waiting = this.#waiting.filter((other) => other !== transaction);
      if (this.#current !== transaction) return;
      this.#current = null;
      this.#post({ kind: 'end', id: transaction.id, how: 'rollback' });
      this.#next();
    });
    await transaction.began.promise.finally(stopDeadline);
  }

  #next(): void {
    if (this.#current) return;
    const next = this.#waiting.shift();
    if (!next) {
      this.#reportIdle();
      return;
    }
    this.#current = next;
    this.#post({ kind: 'begin', id: next.id });
  }

  #reportIdle(): void {
    if (this.#isOpen || this.#current) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
