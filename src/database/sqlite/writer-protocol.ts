/** The messages between the HTTP side and the writer's thread: all that crosses the thread boundary. */
import type { MessagePort } from 'node:worker_threads';
import type { Change } from '../../domain/change.ts';
import type { Command } from '../../domain/command.ts';
import type { CommandOutcome } from '../../domain/outcome.ts';
import type { ConnectionSettings } from '../../split/connection.ts';

export interface WriterThreadSettings extends ConnectionSettings {
  warmUpHolds: number;
  /** One Int32: the number of the last commit whose Changes every link has been sent. */
  lastCommit: SharedArrayBuffer;
}

/** What a thread that serves HTTP is given to reach the writer: may be handed on to another thread, once. */
export interface WriterLink {
  port: MessagePort;
  lastCommit: SharedArrayBuffer;
}

/** To the writer's thread as a whole, from the one that started it. */
export type ToWriterThread = { kind: 'attach'; port: MessagePort } | { kind: 'close' };

export type FromWriterThread =
  /** Migrated and open, for the thread that copies the WAL too. */
  | { kind: 'opened' }
  /** The file can't be served; the sentence is for the operator. */
  | { kind: 'refused'; reason: string }
  /** The database failed in mid-batch: nothing is known about that batch, and the writer has stopped. */
  | { kind: 'fault'; reason: string }
  | { kind: 'closed' };

export interface CommitTimes {
  commitMs: number;
  fsyncMs: number;
  /** When it was over, in epoch milliseconds. */
  at: number;
}

/** Over a link, to the writer: one batch at a time. */
export interface Batch {
  kind: 'batch';
  commands: readonly Command[];
}

/**
 * Over a link, from the writer. `commit` counts the commits, from any number, and wraps as an Int32 does; `lastSeq` is the last
 * event of the log by then.
 */
export type FromWriter =
  /** The first message: the catalogue to start from. */
  | { kind: 'ready'; catalogue: Change; commit: number; lastSeq: number }
  | {
      kind: 'committed';
      outcomes: readonly CommandOutcome[];
      changes: readonly Change[];
      commit: number;
      lastSeq: number;
      walPages: number;
      /** Of the commit, told to one of those whose batches shared it. */
      times: CommitTimes | null;
    }
  /** The WAL has been copied into the file; told to one link. */
  | { kind: 'checkpointed'; tookMs: number; walPages: number }
  /** A commit that another link, or another process, has asked for. */
  | { kind: 'changed'; changes: readonly Change[]; commit: number; lastSeq: number }
  /** The answer to a batch of which nothing was done: the disk had no room, or another program kept the file locked. */
  | { kind: 'refused'; why: 'disk_full' | 'busy' }
  /** Every batch is refused until there is room again. */
  | { kind: 'room'; hasRoom: boolean }
  | { kind: 'fault'; reason: string };

/**
 * A message as it crosses: JSON, because a structured clone of the same costs three times as much on both sides. Only
 * SQL of operator code keeps the clone: its values may be bytes, which JSON can't say.
 */
export type Wire<Message> = string | Message;

export const toWire = <Message extends Batch | FromWriter>(message: Message): Wire<Message> => {
  const holdsValues =
    (message.kind === 'batch' && message.commands.some((command) => command.kind === 'runStatements')) ||
    (message.kind === 'committed' && message.outcomes.some((outcome) => outcome.kind === 'statements_run'));
  return holdsValues ? message : JSON.stringify(message);
};

export const fromWire = <Message extends Batch | FromWriter>(wire: Wire<Message>): Message =>
  typeof wire === 'string' ? JSON.parse(wire) : wire;
