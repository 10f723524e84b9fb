/** The messages between the HTTP side and the writer's thread: all that crosses the thread boundary. */
import type { Change } from '../../domain/change.ts';
import type { Command } from '../../domain/command.ts';
import type { CommandOutcome } from '../../domain/outcome.ts';
import type { ConnectionSettings } from './connection.ts';

export interface WriterThreadSettings extends ConnectionSettings {
  warmUpHolds: number;
}

export type ToWriter = { kind: 'batch'; commands: readonly Command[] } | { kind: 'close' };

export type FromWriter =
  /** Migrated and open: this is the catalogue to start from. */
  | { kind: 'ready'; catalogue: Change }
  /** The file can't be served; the sentence is for the operator. */
  | { kind: 'refused'; reason: string }
  | { kind: 'committed'; outcomes: readonly CommandOutcome[]; changes: readonly Change[]; walPages: number }
  /** A commit of another process was seen while the writer was idle. */
  | { kind: 'changed'; changes: readonly Change[] }
  /** The database failed in mid-batch: nothing is known about that batch, and the writer has stopped. */
  | { kind: 'fault'; reason: string }
  | { kind: 'closed' };

/**
 * A message as it crosses: JSON, because a structured clone of the same costs three times as much on both sides. Only
 * SQL of operator code keeps the clone: its values may be bytes, which JSON can't say.
 */
export type Wire<Message> = string | Message;

export const toWire = <Message extends ToWriter | FromWriter>(message: Message): Wire<Message> => {
  const holdsValues =
    (message.kind === 'batch' && message.commands.some((command) => command.kind === 'runStatements')) ||
    (message.kind === 'committed' && message.outcomes.some((outcome) => outcome.kind === 'statements_run'));
  return holdsValues ? message : JSON.stringify(message);
};

export const fromWire = <Message extends ToWriter | FromWriter>(wire: Wire<Message>): Message =>
  typeof wire === 'string' ? JSON.parse(wire) : wire;
