/** What the split itself answers to a command that the writer did not commit. */

/** The answers of the queue, for a command that the writer did not finish. */
export type QueueRefusal =
  /** Not executed: the queue was full, or the deadline passed while it waited there. */
  | { kind: 'overloaded'; retryAfterSeconds: number }
  /** Not executed: there is no room on the disk. */
  | { kind: 'disk_full' }
  /** Not executed: the process is going away. */
  | { kind: 'stopping' }
  /** May have been executed: ask again with the same key. */
  | { kind: 'outcome_unknown' };

/** SQLite refused a value of the command, which had no effect; the other commands of the commit stand. */
export interface CommandFailed {
  kind: 'command_failed';
  /** The constraint, for the log; never a value. */
  reason: string;
}
