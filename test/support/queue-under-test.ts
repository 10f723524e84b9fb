/** The writer's queue, with a test in place of the writer: it sees and answers each batch. */

import type { Command } from '../../src/domain/command.ts';
import type { CommandOutcome, Outcome } from '../../src/domain/outcome.ts';
import { type Priority, priorities, priorityOf } from '../../src/domain/priority.ts';
import { WriterQueue, type WriterQueueSettings } from '../../src/split/writer-queue.ts';
import { placeHold } from './commands.ts';
import { FakeClock } from './fake-clock.ts';

export const soldOut = { kind: 'sold_out', itemId: 1 } as const;
export const overloaded = { kind: 'overloaded', retryAfterSeconds: 1 };
export const unknown = { kind: 'outcome_unknown' };
export const stopping = { kind: 'stopping' };

/** Resolves after one turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The contents of a batch: buyers by name, other commands by kind. */
export const namesIn = (batch: readonly Command[] | undefined): string[] =>
  (batch ?? []).map((command) => (command.kind === 'placeHold' ? command.customer : command.kind));

/** A queue with shards of 4, batches of 3 and a second to wait by default. */
export class QueueUnderTest {
  readonly clock = new FakeClock();
  readonly posted: (readonly Command[])[] = [];
  readonly queue: WriterQueue<Command, CommandOutcome, Priority>;

  constructor(settings: Partial<WriterQueueSettings> = {}) {
    const all = { queueMax: 4, deadlineMs: 1_000, batchMax: 3, ...settings };
    this.queue = new WriterQueue(
      (commands) => this.posted.push(commands),
      all,
      { order: priorities, of: ({ kind }) => priorityOf[kind] },
      this.clock,
    );
  }

  /** Submits a hold for each name, and records the outcomes in the order of their arrival. */
  submitAll(...names: string[]): Map<string, Outcome> {
    const reported = new Map<string, Outcome>();
    for (const name of names) {
      void this.queue.submit(placeHold(name)).then((outcome) => reported.set(name, outcome));
    }
    return reported;
  }

  /** Answers the batch at the writer; by default every hold is too late. */
  async settle(
    outcomes: readonly CommandOutcome[] = this.posted.at(-1)?.map(() => soldOut) ?? [],
  ): Promise<void> {
    this.queue.settle(outcomes);
    await turn();
  }
}
