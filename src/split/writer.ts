/** The writer of an open file: commits what its links send, and answers after the COMMIT. */

import type { MessagePort, Worker } from 'node:worker_threads';
import {
  type Checkpointer,
  createCheckpointer,
  type FromCopyThread,
  type ToCopyThread,
} from './checkpoint.ts';
import type { Clock } from './clock.ts';
import type { OpenCommands } from './commands.ts';
import type { SqliteConnection } from './connection.ts';
import { describeError } from './errors.ts';
import { createIdentityCheck } from './file-identity.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { FOREIGN_COMMIT_POLL_MS, TRANSACTION_TIMEOUT_MS } from './limits.ts';
import { notWrittenBecause } from './not-written.ts';
import { reserveIndex } from './reserve-shm.ts';
import type { ServerLock } from './server-lock.ts';
import type { RunStatements } from './statements.ts';
import { startThread } from './thread.ts';
import { warmUpInParts } from './warm-up-in-parts.ts';
import { type LinkEvents, type LinkedBatch, WriterLinks } from './writer-links.ts';
import type { FromWriterThread, WriterThreadSettings } from './writer-protocol.ts';
import { type TransactionHost, WriterTransactions } from './writer-transactions.ts';
import { WriterTurns } from './writer-turns.ts';

// The application's own types end at its module: here a command can be anything.
type Item = unknown;

export class Writer {
  readonly #connection: SqliteConnection;
  readonly #commands: OpenCommands<Item, unknown, unknown>;
  readonly #lock: ServerLock;
  readonly #file: string;
  readonly #clock: Clock;
  readonly #send: (message: FromWriterThread) => void;
  readonly #groupCommit: GroupCommit<Item, unknown, unknown>;
  readonly #checkIdentity: () => void;
  readonly #copyThread: Worker;
  readonly #checkpointer: Checkpointer;
  readonly #links: WriterLinks<Item, unknown, unknown>;
  readonly #transactions: WriterTransactions<unknown>;
  readonly #turns: WriterTurns<LinkedBatch<Item>>;
  readonly #stopPolling: () => void;
  /** Since the last poll. */
  #hasCommitted = false;
  #hasFailed = false;
  /** Batches compile the same code; and after a close there is nothing to warm up. */
  #isWarm = false;

  /** Sends `opened` once the checkpoint thread has its connection too. */
  constructor(
    connection: SqliteConnection,
    commands: OpenCommands<Item, unknown, unknown>,
    lock: ServerLock,
    settings: WriterThreadSettings,
    clock: Clock,
    send: (message: FromWriterThread) => void,
  ) {
    const { connection: connectionSettings, lastCommit, transactionTimeoutMs } = settings;
    this.#connection = connection;
    this.#commands = commands;
    this.#lock = lock;
    this.#file = connectionSettings.file;
    this.#clock = clock;
    this.#send = send;
    this.#groupCommit = createGroupCommit(connection, commands, clock.monotonicMs);
    this.#checkIdentity = createIdentityCheck(this.#file, `${this.#file}-wal`);
    this.#copyThread = startThread(new URL('./checkpoint-thread.ts', import.meta.url), connectionSettings);
    this.#checkpointer = createCheckpointer(connection, () => this.#postToCopyThread('copy'));
    this.#links = new WriterLinks(lastCommit, this.#linkEvents());
    this.#transactions = new WriterTransactions(this.#transactionHost(transactionTimeoutMs));
    this.#turns = new WriterTurns({
      isTransactionOpen: () => this.#transactions.isOpen,
      mustWait: () => this.#checkpointer.mustWait(),
      answer: (batches) => this.#answer(batches),
      beginNext: () => this.#transactions.beginNext(),
    });
    this.#copyThread.on('message', (message: FromCopyThread) =>
      this.#guard(() => this.#onCopyThread(message)),
    );
    this.#copyThread.on('error', (error) => this.#fail(error));
    if (!reserveIndex(connection, this.#file)) this.#links.setSpace(false);
    this.#stopPolling = clock.every(FOREIGN_COMMIT_POLL_MS, () => this.#guard(() => this.#onPoll()));
    this.#warmUp();
  }

  /** Opens a link to another thread. */
  attach(port: MessagePort): void {
    this.#guard(() =>
      this.#turns.betweenTransactions(() => this.#links.attach(port, this.#commands.state())),
    );
  }

  /** Empties the WAL and closes the file; calls `onClosed`, unless that fails. */
  close(onClosed: () => void): void {
    this.#guard(() => {
      this.#isWarm = true;
      this.#stopPolling();
      this.#transactions.end();
      this.#copyThread.once('exit', () =>
        this.#guard(() => {
          this.#checkpointer.truncate();
          this.#connection.close();
          this.#lock.release();
          this.#links.close();
          onClosed();
        }),
      );
      this.#postToCopyThread('close');
    });
  }

  #linkEvents(): LinkEvents<Item> {
    return {
      onBatch: (batch) =>
        this.#guard(() => {
          this.#turns.add(batch);
          this.#turns.add(...this.#links.takeWaiting(batch.port));
          this.#turns.advance();
        }),
      onStep: (from, step) =>
        this.#guard(() => {
          this.#transactions.receive(from, step);
          this.#turns.advance();
        }),
      onClose: (from) => this.#guard(() => this.#transactions.drop(from)),
    };
  }

  #transactionHost(timeoutMs = TRANSACTION_TIMEOUT_MS): TransactionHost<unknown> {
    return {
      timeoutMs,
      clock: this.#clock,
      hasSpace: () => this.#links.hasSpace,
      begin: () => this.#groupCommit.begin(this.#clock.now()),
      onHeld: (isHeld) => {
        this.#links.setHeld(isHeld);
        if (!isHeld) this.#clock.soon(() => this.#guard(() => this.#turns.advance()));
      },
      onCommitted: (update) => this.#acknowledge(() => this.#links.broadcast(update)),
      onDiskFull: () => this.#links.setSpace(false),
      send: (to, message) => this.#links.send(to, message),
    };
  }

  /** Commits or refuses: a full disk or a taken lock means that nothing was done. */
  #answer(batches: readonly LinkedBatch<Item>[]): void {
    try {
      if (this.#links.hasSpace) this.#commit(batches);
      else this.#links.refuse(batches, 'disk_full');
    } catch (error) {
      const why = notWrittenBecause(error);
      if (why === null) throw error;
      if (why === 'disk_full') this.#links.setSpace(false);
      this.#links.refuse(batches, why);
    }
  }

  #warmUp(): void {
    const { warmUp } = this.#commands;
    if (!warmUp) return;
    warmUpInParts(warmUp, this.#connection, this.#clock, {
      between: (work) => this.#guard(() => this.#turns.betweenTransactions(work)),
      isOver: () => this.#isWarm || this.#hasFailed || !this.#links.hasSpace,
    });
  }

  #commit(batches: readonly LinkedBatch<Item>[]): void {
    this.#isWarm = true;
    const [first, ...others] = batches;
    // Fast path: reuse the array when there is only one batch.
    const items = first && others.length === 0 ? first.commands : batches.flatMap((batch) => batch.commands);
    const committed = this.#groupCommit.commit(items as readonly RunStatements[], this.#clock.now());
    this.#acknowledge(() =>
      this.#links.answer(batches, committed, this.#checkpointer.walPages(), this.#clock.now()),
    );
    const { deletes } = this.#commands;
    if (deletes && items.some(deletes)) this.#checkpointer.emptyLog();
  }

  /** Answers after a COMMIT, but acknowledges no write to a removed or replaced file. */
  #acknowledge(answer: () => void): void {
    this.#checkIdentity();
    answer();
    this.#hasCommitted = true;
    this.#checkpointer.afterCommit();
  }

  #onPoll(): void {
    this.#checkIdentity();
    this.#lock.keep();
    if (this.#transactions.isOpen) return;
    if (!this.#links.hasSpace) {
      // A checkpoint frees pages of the WAL, even on a full disk.
      this.#checkpointer.atRest();
      if (this.#groupCommit.hasSpace() && reserveIndex(this.#connection, this.#file))
        this.#links.setSpace(true);
      return;
    }
    if (this.#hasCommitted) {
      this.#hasCommitted = false;
      return;
    }
    const update = this.#groupCommit.foreignUpdate();
    if (update !== null) this.#links.broadcast(update);
    this.#checkpointer.atRest();
  }

  #onCopyThread(message: FromCopyThread): void {
    if (message.kind === 'opened') {
      // Pages copied into another file would be missing in this one once the log is overwritten.
      this.#checkIdentity();
      this.#send({ kind: 'opened' });
      return;
    }
    this.#turns.betweenTransactions(() => {
      this.#checkpointer.afterCopy();
      this.#links.reportCheckpoint(message.tookMs, this.#checkpointer.walPages());
    });
  }

  #postToCopyThread(message: ToCopyThread): void {
    this.#copyThread.postMessage(message);
  }

  /** Runs the work of one event, unless the writer has failed. */
  #guard(work: () => void): void {
    if (this.#hasFailed) return;
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  // After a fault the state of this connection is unknown, so nothing more is done with it, not
  // even a close.
  #fail(error: unknown): void {
    this.#hasFailed = true;
    this.#stopPolling();
    const reason = this.#reasonOf(error);
    this.#links.fail(reason);
    this.#send({ kind: 'fault', reason });
  }

  /** The reason for a fault: a missing file explains any error on it. */
  #reasonOf(error: unknown): string {
    try {
      this.#checkIdentity();
      return describeError(error);
    } catch (cause) {
      return describeError(cause);
    }
  }
}
