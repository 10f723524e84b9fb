/**
 * Commits one command at a time in a Durable Object: rows, events, hash link and next alarm, or
 * nothing.
 */
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

/** Stores the open holds of an address, because the platform evicts idle objects. */
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
   * Answers `command_failed` if SQLite refuses a value; the command then has no effect. Throws if
   * the storage failed, after which the object must not continue. `also` runs in the transaction if
   * the command wrote an event. Use it only with commands that write no event when refused, unlike
   * a hold.
   */
  commit<C extends DomainCommand>(command: C, now: number, also?: () => void): Committed<C>;
  catalogue(): Change;
  /** The number of the last event. */
  headSeq(): number;
}

/**
 * Without batches: the platform combines the writes of concurrent commands, and sends no answer
 * before they are on disk. `beforeCommit` runs in the transaction, so its alarm is set if and only
 * if the rows are.
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
  // Cached, because only this object writes the log.
  let head: LogHead = last ? { seq: last.lastSeq, hash: last.hash } : { seq: 0, hash: firstLinkHash };
  // With the first event, because every public id comes with one: an object that only answers reads
  // writes nothing.
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
        openHolds.afterCommit();
        isGenerationKept ||= done.nextHead !== head;
        head = done.nextHead;
        // Each command has its own kind of outcome.
        return { outcome: done.outcome as CommandOutcome<C>, changes: journal.changes() };
      } catch (error) {
        openHolds.rollBack();
        const outcome = failedCommandOf(error);
        if (!outcome) throw error;
        return { outcome, changes: [] };
      }
    },
  };
}
