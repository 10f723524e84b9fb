/** The messages between a thread that serves and its read threads. */
import type { ConnectionSettings } from './connection.ts';
import type { SentError, Statement } from './statements.ts';

export interface ReadThreadSettings {
  connection: ConnectionSettings;
  /** The URL of a module that exports `openReads`; null where only SQL is run. */
  functions: { href: string; options: unknown } | null;
}

/** To a read thread. `run` and `next` are answered, one at a time. */
export type ToReadThread =
  /** Runs statements; several see the same state. */
  | { kind: 'run'; statements: readonly Statement[] }
  /** Begins a function of the module, the last thing that this thread does. */
  | { kind: 'begin'; name: string; input: unknown }
  /** Asks that function for its next part. */
  | { kind: 'next' }
  | { kind: 'close' };

export type FromReadThread =
  /** The results of statements, or the part of a function: null at its end. */
  | { kind: 'answer'; value: unknown }
  /** Only what was asked for has failed: the thread goes on. */
  | { kind: 'failed'; error: SentError };
