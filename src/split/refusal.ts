/** The split's own answers to a command that the writer did not commit. */

/** The queue's answers to a command that the writer did not finish. */
export type QueueRefusal =
  /** Not executed: the queue was full, or the deadline passed while the command waited in it. */
  | { kind: 'overloaded'; retryAfterSeconds: number }
  /** Not executed: the disk is full. */
  | { kind: 'disk_full' }
  /** Not executed: the process is shutting down. */
  | { kind: 'stopping' }
  /** May have been executed: retry with the same key. */
  | { kind: 'outcome_unknown' };

/** SQLite refused a value of the command, which had no effect; the rest of the commit stands. */
export interface CommandFailed {
  kind: 'command_failed';
  /** The constraint, for the log; never a value. */
  reason: string;
}
