/** Commits one command at a time in a Durable Object: its rows, its events, their link and the next alarm, or nothing. */
import type { DrizzleSqliteDODatabase } from 'drizzle-orm/durable-sqlite';
import type * as schema from '../../../drizzle/schema.ts';
import { createApply } from '../../commands/apply.ts';
import { readDrops } from '../../commands/drop.ts';
import { Journal, type LogHead } from '../../commands/journal.ts';
import { createKeyFloor, type KeySteps } from '../../commands/new-keys.ts';
import { type KeptHolds, type OpenHold, OpenHolds } from '../../commands/open-holds.ts';
import { prepareStatements } from '../../commands/statements.ts';
import { type Generation, keepGeneration } from '../../database/generations.ts';
import { firstLinkHash } from '../../database/log-link.ts';
import type { Change } from '../../domain/change.ts';
import type { DomainCommand } from '../../domain/command.ts';
import type { CommandOutcome } from '../../domain/outcome.ts';
import { failedCommandOf } from '../../split/refused-value.ts';

const openPrefix = 'open:';

/** The platform evicts idle objects: the holds of an address must outlive that. */
const keptHolds = ({ kv }: DurableObjectStorage): KeptHolds => ({
  *list() {
    for (const [key, hold] of kv.list<OpenHold>({ prefix: openPrefix }))
      yield [Number(key.slice(openPrefix.length)), hold];
  },
  put: (orderId, hold) => kv.put(`${openPrefix}${orderId}`, hold),
  delete: (orderId) => void kv.delete(`${openPrefix}${orderId}`),
});

export interface Committed<C extends DomainCommand> {
  outcome: CommandOutcome<C>;
  changes: Change[];
}

export interface ObjectCommitter {
  /**
   * A command whose values SQLite refuses is answered `command_failed` and does nothing. Throws if the storage failed: then
   * the object must not continue. `also` runs in the transaction, where the command has
   * written an event; so it goes with commands only that write none where they are refused, unlike a hold.
   */
  commit<C extends DomainCommand>(command: C, now: number, also?: () => void): Committed<C>;
  catalogue(): Change;
  /** The number of the last event. */
  headSeq(): number;
}

/**
 * No batches here: the platform puts the writes of all commands that come together into one, and lets no answer out before
 * they are on disk. `beforeCommit` runs in the transaction: an alarm that is set there is set if, and only if, the rows are.
 */
export function createObjectCommitter(
  storage: DurableObjectStorage,
  db: DrizzleSqliteDODatabase<typeof schema>,
  keys: KeySteps,
  generation: Generation,
  beforeCommit: (now: number, headSeq: number) => void,
): ObjectCommitter {
  const statements = prepareStatements(db, keys);
  const apply = createApply(db, statements);
  const keyFloor = createKeyFloor(generation.firstKey, keys);
  const openHolds = new OpenHolds(keptHolds(storage));
  const last = statements.lastLink.get();
  // Kept here, because nobody else writes the log.
  let head: LogHead = last ? { seq: last.lastSeq, hash: last.hash } : { seq: 0, hash: firstLinkHash };
  // With the first event, which every name comes with: an object that only answers reads writes nothing.
  let isGenerationKept = false;
  return {
    catalogue: () => ({ kind: 'catalogue', drops: readDrops(db) }),
    headSeq: () => head.seq,
    commit<C extends DomainCommand>(command: C, now: number, also?: () => void) {
      const journal = new Journal(now, keyFloor, openHolds);
      try {
        const done = storage.transactionSync(() => {
          const outcome = apply(command, journal);
          const nextHead = journal.writeLog(statements, head);
          if (nextHead !== head) also?.();
          if (nextHead !== head && !isGenerationKept) keepGeneration(db, generation);
          // A subscriber's position is not published.
          if (command.kind !== 'advanceSubscriber') beforeCommit(now, nextHead.seq);
          return { outcome, nextHead };
        });
        openHolds.settle();
        isGenerationKept ||= done.nextHead !== head;
        head = done.nextHead;
        // Each command is answered by its own kind of outcome.
        return { outcome: done.outcome as CommandOutcome<C>, changes: journal.changes() };
      } catch (error) {
        openHolds.takeBack();
        const outcome = failedCommandOf(error);
        if (!outcome) throw error;
        return { outcome, changes: [] };
      }
    },
  };
}
