/** What a thread is told of its split: commits, measures, the disk's space, and the loss of the writer. */
import type { TransactionEnd } from './writer-protocol.ts';

/** What the split measures: a number of commands, else milliseconds. */
export type Measure = 'batchCommands' | 'commitMs' | 'fsyncMs' | 'newsAgeMs' | 'checkpointMs';

export interface SplitEvents<Command, Outcome, News> {
  /** Called with every commit, in order, before any caller of it is answered; first with the state to start from. */
  onNews(news: News): void;
  /** The writer has answered a command. */
  onSettled?(command: Command, outcome: Outcome): void;
  onMeasure?(measure: Measure, value: number): void;
  /** A transaction has ended, for which every other write waited so long. */
  onTransaction?(tookMs: number, how: TransactionEnd): void;
  /** The disk has become full, or has space again. */
  onRoom?(hasRoom: boolean): void;
  /**
   * Called at most once, when the writer is lost: from then on every command is refused, and the process should end, because
   * a half-known state must not be served.
   */
  onFault(reason: string): void;
}
