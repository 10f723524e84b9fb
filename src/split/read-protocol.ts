/** The messages between a serving thread and its read threads. */
import type { ConnectionSettings } from './connection.ts';
import type { SentError, Statement } from './statements.ts';

export interface ReadThreadSettings {
  connection: ConnectionSettings;
  /** The URL of a module that exports `openReads`; null if only SQL is run. */
  functions: { href: string; options: unknown } | null;
}

/** Messages to a read thread. `run` and `next` are answered, one at a time. */
export type ToReadThread =
  /** Runs statements, all on the same state. */
  | { kind: 'run'; statements: readonly Statement[] }
  /** Begins a function of the module, the last work of this thread. */
  | { kind: 'begin'; name: string; input: unknown }
  /** Requests that function's next part. */
  | { kind: 'next' }
  | { kind: 'close' };

export type FromReadThread =
  /** The results of statements, or a part of a function; null at its end. */
  | { kind: 'answer'; value: unknown }
  /** Only the request failed: the thread goes on. */
  | { kind: 'failed'; error: SentError };
