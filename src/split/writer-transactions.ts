/**
 * The transactions that threads hold open on the writer: one at a time, in order of arrival, for a
 * limited time.
 */

import type { MessagePort } from 'node:worker_threads';
import type { Clock } from './clock.ts';
import { toSent } from './errors.ts';
import { notWrittenBecause } from './not-written.ts';
import { isStatementError } from './run-statements.ts';
import type { SingleTransaction } from './single-transaction.ts';
import type { SentError } from './statements.ts';
import type { TransactionEnd, TransactionStep } from './writer-protocol.ts';

/** What the writer thread does around a transaction. */
export interface TransactionHost<Update> {
  timeoutMs: number;
  clock: Clock;
  /** Whether the disk has space for another transaction. */
  hasSpace(): boolean;
  begin(): SingleTransaction<Update>;
  /** Called with each transaction that begins or ends: other writes wait in between. */
  onHeld(isHeld: boolean): void;
  /** Called after a COMMIT, before its caller is answered. */
  onCommitted(update: Update): void;
  onDiskFull(): void;
  send(port: MessagePort, message: TransactionAnswer): void;
}

export type TransactionAnswer =
  | { kind: 'began'; id: number }
  | { kind: 'stepped'; id: number; outcome: ReturnType<SingleTransaction<unknown>['run']> }
  /** `error`: of the statement or COMMIT at which SQLite rolled it back. */
  | { kind: 'ended'; id: number; how: TransactionEnd; error?: SentError };

/** How an error has ended a transaction; null if the database itself failed. */
function endOf(error: unknown): TransactionEnd | null {
  return notWrittenBecause(error) ?? (isStatementError(error) ? 'rolled_back' : null);
}

interface Asked {
  port: MessagePort;
  id: number;
}

export class WriterTransactions<Update> {
  readonly #host: TransactionHost<Update>;
  #waiting: Asked[] = [];
  #open: (Asked & { transaction: SingleTransaction<Update>; stopTimer: () => void }) | null = null;

  constructor(host: TransactionHost<Update>) {
    this.#host = host;
  }

  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** Receives a message of a link. Throws if the database failed. */
  receive(port: MessagePort, message: TransactionStep): void {
    const { id } = message;
    if (message.kind === 'begin') {
      if (this.#host.hasSpace()) this.#waiting.push({ port, id });
      else this.#answer({ port, id }, 'disk_full');
      return;
    }
    const open = this.#open;
    if (open?.port !== port || open.id !== id) {
      // Its caller stopped waiting, or was already answered: its time was over.
      this.#waiting = this.#waiting.filter((asked) => asked.port !== port || asked.id !== id);
      return;
    }
    if (message.kind === 'step') {
      this.#orEnd(open, () => {
        const outcome = open.transaction.run(message.statements);
        this.#host.send(port, { kind: 'stepped', id, outcome });
      });
    } else if (message.how === 'rollback') {
      this.#rollBack('rolled_back');
    } else {
      this.#orEnd(open, () => {
        this.#host.onCommitted(open.transaction.commit());
        this.#close('committed');
      });
    }
  }

  /** Begins the next waiting transaction; false if there is none. */
  beginNext(): boolean {
    const asked = this.#waiting.shift();
    if (!asked) return false;
    this.#orEnd(asked, () => {
      const transaction = this.#host.begin();
      const stopTimer = this.#host.clock.every(this.#host.timeoutMs, () => this.#rollBack('timed_out'));
      this.#open = { ...asked, transaction, stopTimer };
      this.#host.onHeld(true);
      this.#host.send(asked.port, { kind: 'began', id: asked.id });
    });
    return true;
  }

  /** Call this when a link has closed: rolls back the transaction that it left open. */
  drop(port: MessagePort): void {
    this.#waiting = this.#waiting.filter((asked) => asked.port !== port);
    if (this.#open?.port === port) this.#rollBack('rolled_back');
  }

  /** Rolls back the open transaction. Call this when the writer closes. */
  end(): void {
    this.#waiting = [];
    if (this.#open) this.#rollBack('rolled_back');
  }

  /**
   * Does `work`, or ends the transaction if an error has rolled it back: the disk was full, the
   * file locked, or SQLite refused the COMMIT (a deferred foreign key) or undid the whole
   * transaction for one statement (ROLLBACK on a conflict).
   */
  #orEnd(asked: Asked, work: () => void): void {
    try {
      work();
    } catch (error) {
      const how = endOf(error);
      if (how === null) throw error;
      if (how === 'disk_full') this.#host.onDiskFull();
      const refused = how === 'rolled_back' ? toSent(error) : undefined;
      if (this.#open) this.#close(how, refused);
      else this.#answer(asked, how, refused);
    }
  }

  #rollBack(how: TransactionEnd): void {
    this.#open?.transaction.rollBack();
    this.#close(how);
  }

  #close(how: TransactionEnd, error?: SentError): void {
    const open = this.#open;
    if (!open) return;
    this.#open = null;
    open.stopTimer();
    // Batches that wait on the link are posted now, before it can begin its next transaction.
    this.#host.onHeld(false);
    this.#answer(open, how, error);
  }

  #answer({ port, id }: Asked, how: TransactionEnd, error?: SentError): void {
    this.#host.send(port, error ? { kind: 'ended', id, how, error } : { kind: 'ended', id, how });
  }
}
