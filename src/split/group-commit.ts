/** Runs a batch of commands as one transaction with one fsync: synchronous, and without threads. */

import type { CommitScope, OpenCommands } from './commands.ts';
import { commitInParts } from './commit-in-parts.ts';
import type { SqliteConnection } from './connection.ts';
import { DiskFullError, isDiskFull } from './disk-full.ts';
import { toSent } from './errors.ts';
import { beginWhereFree } from './file-busy.ts';
import { notWrittenBecause } from './not-written.ts';
import type { QueueRefusal } from './refusal.ts';
import { runInSavepoints } from './run-in-savepoints.ts';
import { isStatementError, runStatements } from './run-statements.ts';
import { isSavepoint } from './statement-rules.ts';
import type { RunStatements, Statement, StatementsOutcome } from './statements.ts';

export interface Committed<Outcome, Update> {
  /** One for each command, in order. */
  outcomes: (Outcome | StatementsOutcome | QueueRefusal)[];
  /** The update of this commit, for every thread. */
  update: Update;
  /** Milliseconds from BEGIN to the end of COMMIT, and of COMMIT alone. */
  commitMs: number;
  fsyncMs: number;
}

/**
 * A transaction that stays open between its statements. Any error that it throws has rolled it
 * back, as in `commit` of a batch; after an error of a statement, the connection is sound.
 */
export interface SingleTransaction<Update> {
  /** Runs all of the statements or none; if one of them is wrong, the transaction goes on. */
  run(statements: readonly Statement[]): StatementsOutcome;
  /** Returns after the fsync, with the whole state: the statements may have changed anything. */
  commit(): Update;
  rollBack(): void;
}

export interface GroupCommit<Command, Outcome, Update> {
  /**
   * Returns after COMMIT, and so after the fsync. A command that fails alone does nothing; the
   * others are committed. Throws `DiskFullError` if the disk is full: the batch had no effect, and
   * the connection is as before. Throws `FileBusyError` if another program kept the lock. Throws
   * anything else if the database failed: then the outcome of every command in the batch is
   * unknown, and the connection must not be used again. `now` is in epoch milliseconds.
   */
  commit(commands: readonly (Command | RunStatements)[], now: number): Committed<Outcome, Update>;
  /** Begins a transaction that commits nothing before its end. Until then, commit no batch. */
  begin(now: number): SingleTransaction<Update>;
  /** The whole state if another process has committed since the last check, else null. */
  foreignUpdate(): Update | null;
  /** Whether the disk has space and the lock is free. Throws if the database failed. */
  hasSpace(): boolean;
}

const isStatements = (command: unknown): command is RunStatements =>
  (command as RunStatements).kind === 'runStatements';

/** Prepares group commits on the writer's connection. Without a clock, all durations are 0. */
export function createGroupCommit<Command, Outcome, Update>(
  connection: SqliteConnection,
  commands: OpenCommands<Command, Outcome, Update>,
  monotonicMs: () => number = () => 0,
): GroupCommit<Command, Outcome, Update> {
  type Batch = readonly (Command | RunStatements)[];
  type Scope = CommitScope<Command, Outcome, Update>;
  type Applied = Pick<Committed<Outcome, Update>, 'outcomes' | 'update'>;
  const begin = connection.prepare('BEGIN IMMEDIATE');
  const commit = connection.prepare('COMMIT');
  // Changes when, and only when, another connection has committed.
  const dataVersion = connection.prepare<[], number>('PRAGMA data_version').pluck();
  let seenVersion = dataVersion.get();

  const hasForeignCommit = (): boolean => {
    const version = dataVersion.get();
    if (version === seenVersion) return false;
    seenVersion = version;
    return true;
  };

  /** Ends a failed transaction; returns the error to throw. Throws if the rollback fails too. */
  const rollBack = (error: unknown): unknown => {
    // Discard the observed data_version, so that a foreign commit is detected again.
    seenVersion = undefined;
    if (connection.inTransaction) connection.exec('ROLLBACK');
    return isDiskFull(error, connection) ? new DiskFullError() : error;
  };

  const runIn = (scope: Scope, command: Command | RunStatements): Outcome | StatementsOutcome => {
    if (!isStatements(command)) return scope.run(command);
    const outcome = runStatements(connection, command);
    scope.reload();
    return outcome;
  };

  /** The outcome of a command that failed alone; null if the database failed. */
  const failureOf = (
    command: Command | RunStatements,
    error: unknown,
  ): Outcome | StatementsOutcome | null => {
    if (!connection.open) return null;
    if (!isStatements(command)) return commands.failureOf(error);
    return isStatementError(error) ? { kind: 'statement_failed', error: toSent(error) } : null;
  };

  /** Calls `work` with a new scope, and restores the state in memory if it throws. */
  const inScope = <T>(now: number, work: (scope: Scope) => T): T => {
    const scope = commands.begin(now);
    try {
      return work(scope);
    } catch (error) {
      scope.rollBack();
      throw error;
    }
  };

  const apartFrom = (batch: Batch, now: number): Applied => {
    seenVersion = dataVersion.get();
    const outcomes = runInSavepoints(connection, batch, commands.failureOf, (command) =>
      inScope(now, (scope) => {
        scope.reload();
        const outcome = runIn(scope, command);
        scope.end();
        return outcome;
      }),
    );
    return { outcomes, update: commands.state() };
  };

  const commitBy = (work: () => Applied): Committed<Outcome, Update> => {
    const begunMs = monotonicMs();
    beginWhereFree(() => begin.run());
    const { outcomes, update } = work();
    const appliedMs = monotonicMs();
    commit.run();
    const endedMs = monotonicMs();
    commands.afterCommit();
    return { outcomes, update, commitMs: endedMs - begunMs, fsyncMs: endedMs - appliedMs };
  };

  /** Commits all commands in one scope, which is also restored if the COMMIT itself fails. */
  const commitTogether = (batch: Batch, now: number): Committed<Outcome, Update> =>
    inScope(now, (scope) =>
      commitBy(() => {
        const hasForeign = hasForeignCommit();
        if (hasForeign) scope.reload();
        const outcomes = batch.map((command) => runIn(scope, command));
        const update = scope.end();
        return { outcomes, update: hasForeign || batch.some(isStatements) ? commands.state() : update };
      }),
    );

  const rollingBack = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw rollBack(error);
    }
  };

  /** Commits a batch in parts, because a command in it makes SQLite undo the whole commit. */
  const commitEach = (batch: Batch, now: number): Committed<Outcome, Update> => {
    const begunMs = monotonicMs();
    let fsyncMs = 0;
    const commitPart = (part: Batch) => {
      const committed = rollingBack(() => commitTogether(part, now));
      fsyncMs += committed.fsyncMs;
      return committed.outcomes;
    };
    const outcomes = commitInParts(batch, commitPart, failureOf);
    return { outcomes, update: commands.state(), commitMs: monotonicMs() - begunMs, fsyncMs };
  };

  const step = (statements: readonly Statement[]): StatementsOutcome => {
    const [first] = statements;
    if (!first || !isSavepoint(first.sql))
      return runStatements(connection, { kind: 'runStatements', statements });
    try {
      // Outside the savepoint of a group, whose release would end this one too.
      connection.exec(first.sql);
      return { kind: 'statements_run', results: [{ rows: [] }] };
    } catch (error) {
      if (!isStatementError(error)) throw error;
      return { kind: 'statement_failed', error: toSent(error) };
    }
  };

  const commitSingle = (now: number): Update =>
    inScope(now, (scope) => {
      scope.reload();
      scope.end();
      const update = commands.state();
      // The state includes foreign commits. If this commit is rolled back, they are still to be
      // detected.
      seenVersion = dataVersion.get();
      commit.run();
      commands.afterCommit();
      return update;
    });

  return {
    begin(now) {
      rollingBack(() => beginWhereFree(() => begin.run()));
      return {
        run: (statements) => rollingBack(() => step(statements)),
        commit: () => rollingBack(() => commitSingle(now)),
        rollBack: () => connection.exec('ROLLBACK'),
      };
    },
    foreignUpdate: () => (hasForeignCommit() ? commands.state() : null),
    commit(batch, now) {
      const failsAlone = (error: unknown) => batch.some((command) => failureOf(command, error) !== null);
      try {
        return rollingBack(() => commitTogether(batch, now));
      } catch (error) {
        if (!failsAlone(error)) throw error;
      }
      try {
        // Savepoints cost time, so only a batch with a failed command gets them.
        return rollingBack(() => inScope(now, () => commitBy(() => apartFrom(batch, now))));
      } catch (error) {
        if (!failsAlone(error)) throw error;
        return commitEach(batch, now);
      }
    },
    hasSpace() {
      try {
        beginWhereFree(() => begin.run());
        // Setting this number writes a page, even if it does not change.
        connection.pragma(`user_version = ${connection.pragma('user_version', { simple: true })}`);
        commit.run();
        return true;
      } catch (error) {
        const failure = rollBack(error);
        if (notWrittenBecause(failure)) return false;
        throw failure;
      }
    },
  };
}
