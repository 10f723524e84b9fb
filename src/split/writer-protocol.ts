/** All messages between the threads of a process and the writer thread. */

import type { MessagePort } from 'node:worker_threads';
import type { ConnectionSettings } from './connection.ts';
import type { NotWritten } from './not-written.ts';
import type { Statement } from './statements.ts';
import type { TransactionAnswer } from './writer-transactions.ts';

/** What the writer thread opens. */
export interface WriterSettings {
  connection: ConnectionSettings;
  /** Made by drizzle-kit; null if the application manages the schema. */
  migrationsFolder: string | null;
  commands: CommandsSource;
  /** Milliseconds that a transaction may be open. Default: TRANSACTION_TIMEOUT_MS. */
  transactionTimeoutMs?: number;
}

export type CommandsSource =
  /**
   * The URL of a module that exports `openCommands`; the options cross to the writer thread as a
   * structured clone.
   */
  | { href: string; options: unknown }
  /**
   * The URL of a module that exports `commands`; null if only SQL is written. `casing`: Drizzle's
   * option for their `tx`.
   */
  | { functions: string | null; casing: 'snake_case' | 'camelCase' | null };

export interface WriterThreadSettings extends WriterSettings {
  /** One Int32: the number of the last commit whose update was sent to every link. */
  lastCommit: SharedArrayBuffer;
}

/** What a thread needs to reach the writer; it can be passed on to another thread, once. */
export interface WriterLink {
  port: MessagePort;
  lastCommit: SharedArrayBuffer;
}

/** Messages to the writer thread as a whole, from the thread that started it. */
export type ToWriterThread = { kind: 'attach'; port: MessagePort } | { kind: 'close' };

export type FromWriterThread =
  /** The commands module is loaded: its import is not the cause if the thread ends later. */
  | { kind: 'loaded' }
  /** Migrated and open, for the checkpoint thread too. */
  | { kind: 'opened' }
  /** The file cannot be served; the reason is for the operator. */
  | { kind: 'refused'; reason: string }
  /** The database failed: the batch's outcome is unknown, and the writer has stopped. */
  | { kind: 'fault'; reason: string }
  | { kind: 'closed' };

export interface CommitTimes {
  commitMs: number;
  fsyncMs: number;
  /** When the commit ended, in epoch milliseconds. */
  at: number;
}

/** Over a link, to the writer: one batch at a time. */
export interface Batch<Command> {
  kind: 'batch';
  commands: readonly Command[];
}

/**
 * Over a link, to the writer: a transaction that stays open between its statements, with a number
 * unique in its link.
 */
export type TransactionStep =
  | { kind: 'begin'; id: number }
  | { kind: 'step'; id: number; statements: readonly Statement[] }
  | { kind: 'end'; id: number; how: 'commit' | 'rollback' };

/** How a transaction ended; unless it was committed, it had no effect. */
export type TransactionEnd = 'committed' | 'rolled_back' | 'timed_out' | NotWritten;

/** Over a link, from the writer. `commit` counts commits, from any number, and wraps as Int32. */
export type FromWriter<Outcome, Update> =
  /** The first message: the state to start from. */
  | { kind: 'ready'; update: Update; commit: number }
  | {
      kind: 'committed';
      outcomes: readonly Outcome[];
      /** Null if a `changed` message brought it. */
      update: Update | null;
      commit: number;
      walPages: number;
      /** Times of the commit, sent to one of the links whose batches shared it. */
      times: CommitTimes | null;
    }
  /** The WAL was copied into the file; sent to one link. */
  | { kind: 'checkpointed'; tookMs: number; walPages: number }
  /** A commit for another link, or of another process. */
  | { kind: 'changed'; update: Update; commit: number }
  /** The batch had no effect: the disk was full, or another program kept the file locked. */
  | { kind: 'refused'; why: NotWritten }
  /** A transaction is open on the writer: a batch that is posted now would wait for its end. */
  | { kind: 'held'; isHeld: boolean }
  | TransactionAnswer
  /** While the disk is full, every batch is refused. */
  | { kind: 'space'; hasSpace: boolean }
  | { kind: 'fault'; reason: string };

/**
 * A message as it crosses: JSON, because a structured clone costs a quarter to a third more
 * processor time on both sides. Only SQL statements and calls are cloned: their values may be bytes
 * or dates, which JSON cannot express.
 */
export type Wire<Message> = string | Message;

const cloned = new Set(['runStatements', 'statements_run', 'call', 'called']);
const isCloned = (one: unknown): boolean => cloned.has((one as { kind: string }).kind);

type Crossing = Batch<unknown> | TransactionStep | FromWriter<unknown, unknown>;

const holdsValues = (message: Crossing): boolean => {
  if (message.kind === 'step' || message.kind === 'stepped') return true;
  if (message.kind === 'batch') return message.commands.some(isCloned);
  return message.kind === 'committed' && message.outcomes.some(isCloned);
};

export const toWire = <Message extends Crossing>(message: Message): Wire<Message> =>
  holdsValues(message) ? message : JSON.stringify(message);

export const fromWire = <Message extends Crossing>(wire: Wire<Message>): Message =>
  typeof wire === 'string' ? JSON.parse(wire) : wire;
