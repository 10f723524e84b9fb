/** Runs a batch of commands as one transaction with one fsync: the group commit, synchronous and free of threads. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../../drizzle/schema.ts';
import type { Change } from '../../domain/change.ts';
import type { Command } from '../../domain/command.ts';
import type { CommandOutcome } from '../../domain/outcome.ts';
import type { SqliteConnection } from '../../split/connection.ts';
import { DiskFullError, isDiskFull } from '../../split/disk-full.ts';
import { beginWhereFree, FileBusyError } from '../../split/file-busy.ts';
import { failedCommandOf } from '../../split/refused-value.ts';
import { createApply } from '../apply/apply.ts';
import { readDrops } from '../apply/drop.ts';
import { firstLinkHash, Journal, type LogHead } from '../apply/journal.ts';
import { createKeyFloor } from '../apply/new-keys.ts';
import { OpenHolds } from '../apply/open-holds.ts';
import { prepareStatements } from '../apply/statements.ts';
import { nextGeneration } from '../generations.ts';
import { oweForgetting } from './forget.ts';
import { rehearsedDrop, rehearsedHold } from './rehearsal.ts';
import { runApart } from './run-apart.ts';
import { runStatements } from './run-statements.ts';

export interface CommittedBatch {
  /** One for each command, in order. */
  outcomes: CommandOutcome[];
  changes: Change[];
  /** The number of the last event that is committed. */
  lastSeq: number;
  /** How long it took from BEGIN on, and how long COMMIT alone did. */
  commitMs: number;
  fsyncMs: number;
}

/** The result of a batch before its COMMIT. */
type Applied = Pick<CommittedBatch, 'outcomes' | 'changes'> & { nextHead: LogHead };

export interface BatchCommitter {
  /**
   * Returns after COMMIT, and so after the fsync. A command whose values SQLite refuses is answered `command_failed` and does
   * nothing; the others are committed. Throws `DiskFullError` if there was no space: then the batch had no effect, and the
   * connection is as before; or `FileBusyError` if another program kept the lock. Throws anything else if the
   * database failed: then nothing is known about any command of the batch, and the connection must not be used again.
   */
  commit(commands: readonly Command[], now: number): CommittedBatch;
  /** The whole catalogue where another process has committed since the last look, else nothing. */
  foreignChanges(): Change[];
  catalogue(): Change;
  /** Whether there is room for a commit, and nobody in the way: makes one that changes nothing. Throws where the database failed. */
  hasRoom(): boolean;
  /** The number of the last event, as of the last commit that was made or seen here. */
  lastSeq(): number;
  /** Sells `holds` units of a drop that never was, and rolls everything back: the first real buyer meets compiled code. */
  rehearse(holds: number, now: number): void;
}

/**
 * Prepares group commits on the writer's connection. Without a clock, all durations are 0. `firstKey` is the first key of the
 * stored generation of this start; the console leaves it out: it issues no keys.
 */
export function createBatchCommitter(
  connection: SqliteConnection,
  monotonicMs: () => number = () => 0,
  firstKey?: number,
): BatchCommitter {
  const db = drizzle(connection, { schema });
  const statements = prepareStatements(db);
  const apply = createApply(db, statements);
  const keyFloor = createKeyFloor(firstKey ?? nextGeneration(db).firstKey);
  const openHolds = new OpenHolds();
  const begin = connection.prepare('BEGIN IMMEDIATE');
  const commit = connection.prepare('COMMIT');
  // Moves when, and only when, another connection has committed.
  const dataVersion = connection.prepare<[], number>('PRAGMA data_version').pluck();
  const catalogue = (): Change => ({ kind: 'catalogue', drops: readDrops(db) });
  const readHead = (): LogHead => {
    const last = statements.lastLink.get();
    return last ? { seq: last.lastSeq, hash: last.hash } : { seq: 0, hash: firstLinkHash };
  };
  let seenVersion = dataVersion.get();
  // Kept here, because nobody else writes the log; read anew where somebody may have.
  let head = readHead();

  /** Ends what has failed; returns what is to be thrown. Throws itself where not even that works. */
  const takeBack = (error: unknown): unknown => {
    // What another process has committed was seen in vain, and must be seen again.
    seenVersion = undefined;
    if (connection.inTransaction) connection.exec('ROLLBACK');
    openHolds.takeBack();
    return isDiskFull(error, connection) ? new DiskFullError() : error;
  };

  const hasForeignCommit = (): boolean => {
    const version = dataVersion.get();
    if (version === seenVersion) return false;
    seenVersion = version;
    return true;
  };

  const run = (command: Command, journal: Journal): CommandOutcome => {
    if (command.kind === 'runStatements') {
      journal.forgetOffers();
      return runStatements(connection, command);
    }
    const outcome = apply(command, journal);
    if (outcome.kind === 'customer_erased' && outcome.orders > 0) oweForgetting(connection, journal.now);
    return outcome;
  };

  /** All commands with one link and one set of Changes. */
  const together = (commands: readonly Command[], now: number): Applied => {
    const journal = new Journal(now, keyFloor, openHolds);
    const hasForeign = hasForeignCommit();
    const outcomes = commands.map((command) => run(command, journal));
    const mustReload = hasForeign || commands.some(({ kind }) => kind === 'runStatements');
    const nextHead = journal.writeLog(statements, mustReload ? readHead() : head);
    return { outcomes, nextHead, changes: mustReload ? [catalogue()] : journal.changes() };
  };

  /** Each command with a journal and a link of its own, so that one that fails leaves no event and no Change. */
  const apart = (commands: readonly Command[], now: number): Applied => {
    seenVersion = dataVersion.get();
    const outcomes = runApart(connection, commands, (command) => {
      const journal = new Journal(now, keyFloor, openHolds);
      const { mark } = openHolds;
      try {
        const outcome = run(command, journal);
        journal.writeLog(statements, readHead());
        return outcome;
      } catch (error) {
        openHolds.takeBack(mark);
        throw error;
      }
    });
    return { outcomes, nextHead: readHead(), changes: [catalogue()] };
  };

  const commitBy = (work: typeof together, commands: readonly Command[], now: number): CommittedBatch => {
    const begunMs = monotonicMs();
    beginWhereFree(() => begin.run());
    try {
      const { outcomes, nextHead, changes } = work(commands, now);
      const appliedMs = monotonicMs();
      commit.run();
      const endedMs = monotonicMs();
      openHolds.settle();
      head = nextHead;
      const times = { commitMs: endedMs - begunMs, fsyncMs: endedMs - appliedMs };
      return { outcomes, changes, lastSeq: head.seq, ...times };
    } catch (error) {
      throw takeBack(error);
    }
  };

  return {
    catalogue,
    lastSeq: () => head.seq,
    rehearse(holds, now) {
      begin.run();
      try {
        apply(rehearsedDrop(now, holds), new Journal(now, keyFloor));
        const itemId = readDrops(db).at(-1)?.items[0]?.id ?? 0;
        for (let buyer = 0, last = head; buyer < holds; buyer += 1) {
          const journal = new Journal(now, keyFloor);
          apply(rehearsedHold(itemId, buyer), journal);
          last = journal.writeLog(statements, last);
        }
      } finally {
        connection.exec('ROLLBACK');
      }
    },
    foreignChanges() {
      if (!hasForeignCommit()) return [];
      head = readHead();
      return [catalogue()];
    },
    commit(commands, now) {
      try {
        return commitBy(together, commands, now);
      } catch (error) {
        if (!connection.open || !failedCommandOf(error)) throw error;
        // Savepoints cost time, so only the batch of a command that has failed gets them.
        return commitBy(apart, commands, now);
      }
    },
    hasRoom() {
      try {
        beginWhereFree(() => begin.run());
        // Setting this number writes a page, also where it stays what it is.
        connection.pragma(`user_version = ${connection.pragma('user_version', { simple: true })}`);
        commit.run();
        return true;
      } catch (error) {
        const failure = takeBack(error);
        if (failure instanceof DiskFullError || failure instanceof FileBusyError) return false;
        throw failure;
      }
    },
  };
}
