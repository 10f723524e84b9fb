/** The events of a thread's split: commits, measures, full disks, and the loss of the writer. */
import type { TransactionEnd } from './writer-protocol.ts';

/** A measure of the split: `batchCommands` is a count, the others are milliseconds. */
export type Measure = 'batchCommands' | 'commitMs' | 'fsyncMs' | 'updateAgeMs' | 'checkpointMs';

export interface SplitEvents<Command, Outcome, Update> {
  /** Called with every commit, in order, before its callers are answered; first with the state. */
  onUpdate(update: Update): void;
  /** Called when the writer has answered a command. */
  onSettled?(command: Command, outcome: Outcome): void;
  onMeasure?(measure: Measure, value: number): void;
  /** Called when a transaction has ended; every other write waited for `tookMs`. */
  onTransaction?(tookMs: number, how: TransactionEnd): void;
  /** Called when the disk becomes full, or has space again. */
  onSpace?(hasSpace: boolean): void;
  /**
   * Called at most once, when the writer is lost. From then on every command is refused, and the
   * process should end, because it no longer knows the state of the file.
   */
  onFault(reason: string): void;
}
