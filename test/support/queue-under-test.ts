/** The writer's queue with a test in place of the writer: it sees each batch and answers it when it likes. */

import type { Command } from '../../src/domain/command.ts';
import type { CommandOutcome, Outcome } from '../../src/domain/outcome.ts';
import { type Priority, priorities, priorityOf } from '../../src/domain/priority.ts';
import { WriterQueue, type WriterQueueSettings } from '../../src/split/writer-queue.ts';
import { placeHold } from './commands.ts';
import { FakeClock } from './fake-clock.ts';

export const soldOut = { kind: 'sold_out' } as const;
export const overloaded = { kind: 'overloaded', retryAfterSeconds: 1 };
export const unknown = { kind: 'outcome_unknown' };
export const stopping = { kind: 'stopping' };

/** Lets everything happen that only waits for its turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Who is in a batch: buyers by name, other commands by kind. */
export const namesIn = (batch: readonly Command[] | undefined): string[] =>
  (batch ?? []).map((command) => (command.kind === 'placeHold' ? command.customer : command.kind));

/** Shards of 4, batches of 3 and a second to wait, unless told otherwise. */
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

  /** Submits a hold for each name, and keeps what they are told in the order in which they are told. */
  submitAll(...names: string[]): Map<string, Outcome> {
    const told = new Map<string, Outcome>();
    for (const name of names) {
      void this.queue.submit(placeHold(name)).then((outcome) => told.set(name, outcome));
    }
    return told;
  }

  /** Answers the batch at the writer: everybody is too late, unless told otherwise. */
  async settle(
    outcomes: readonly CommandOutcome[] = this.posted.at(-1)?.map(() => soldOut) ?? [],
  ): Promise<void> {
    this.queue.settle(outcomes);
    await turn();
  }
}
