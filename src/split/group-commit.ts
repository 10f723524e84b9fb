/** Runs a batch of commands as one transaction with one fsync: the group commit, synchronous and free of threads. */

import type { CommitScope, OpenCommands } from './commands.ts';
import { commitInParts } from './commit-in-parts.ts';
import type { SqliteConnection } from './connection.ts';
import { DiskFullError, isDiskFull } from './disk-full.ts';
import { toSent } from './errors.ts';
import { beginWhereFree, FileBusyError } from './file-busy.ts';
import type { QueueRefusal } from './refusal.ts';
import { runApart } from './run-apart.ts';
import { isStatementError, runStatements } from './run-statements.ts';
import { isSavepoint } from './statement-rules.ts';
import type { RunStatements, Statement, StatementsOutcome } from './statements.ts';

export interface Committed<Outcome, News> {
  /** One for each command, in order. */
  outcomes: (Outcome | StatementsOutcome | QueueRefusal)[];
  /** What every thread is sent of this commit. */
  news: News;
  /** Milliseconds from BEGIN on, and of COMMIT alone. */
  commitMs: number;
  fsyncMs: number;
}

/**
 * A transaction that is open between its statements. What throws has rolled it back, as `commit` of a batch does; where the
 * error is one of a statement, the connection is sound.
 */
export interface SingleTransaction<News> {
  /** All of the statements or none; the transaction goes on where one of them is wrong. */
  run(statements: readonly Statement[]): StatementsOutcome;
  /** Returns after the fsync, with the whole state: the statements may have changed anything. */
  commit(): News;
  rollBack(): void;
}

export interface GroupCommit<Command, Outcome, News> {
  /**
   * Returns after COMMIT, and so after the fsync. A command that fails alone does nothing; the others are committed. Throws
   * `DiskFullError` if the disk is full: then the batch had no effect, and the connection is as before; or `FileBusyError` if
   * another program kept the lock. Throws anything else if the database failed: then nothing is known about any command of
   * the batch, and the connection must not be used again. `now` is in epoch milliseconds.
   */
  commit(commands: readonly (Command | RunStatements)[], now: number): Committed<Outcome, News>;
  /** Begins a transaction of which nothing is committed before its end: until then, no batch may be. */
  begin(now: number): SingleTransaction<News>;
  /** The whole state where another process has committed since the last look, else null. */
  foreignNews(): News | null;
  /** Whether the disk has space for a commit, and no other program the lock. Throws where the database failed. */
  hasRoom(): boolean;
}

const isStatements = (command: unknown): command is RunStatements =>
  (command as RunStatements).kind === 'runStatements';

/** Prepares group commits on the writer's connection. Without a clock, all durations are 0. */
export function createGroupCommit<Command, Outcome, News>(
  connection: SqliteConnection,
  commands: OpenCommands<Command, Outcome, News>,
  monotonicMs: () => number = () => 0,
): GroupCommit<Command, Outcome, News> {
  type Batch = readonly (Command | RunStatements)[];
  type Scope = CommitScope<Command, Outcome, News>;
  type Applied = Pick<Committed<Outcome, News>, 'outcomes' | 'news'>;
  const begin = connection.prepare('BEGIN IMMEDIATE');
  const commit = connection.prepare('COMMIT');
  // Moves when, and only when, another connection has committed.
  const dataVersion = connection.prepare<[], number>('PRAGMA data_version').pluck();
  let seenVersion = dataVersion.get();

  const hasForeignCommit = (): boolean => {
    const version = dataVersion.get();
    if (version === seenVersion) return false;
    seenVersion = version;
    return true;
  };

  /** Ends a failed transaction; returns what is to be thrown. Throws itself where not even that works. */
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

  /** The outcome of a command that failed alone; null where the database failed. */
  const failureOf = (
    command: Command | RunStatements,
    error: unknown,
  ): Outcome | StatementsOutcome | null => {
    if (!connection.open) return null;
    if (!isStatements(command)) return commands.failureOf(error);
    return isStatementError(error) ? { kind: 'statement_failed', error: toSent(error) } : null;
  };

  /** Calls `work` with a new scope, which is taken back where it throws. */
  const inScope = <T>(now: number, work: (scope: Scope) => T): T => {
    const scope = commands.begin(now);
    try {
      return work(scope);
    } catch (error) {
      scope.takeBack();
      throw error;
    }
  };

  const apartFrom = (batch: Batch, now: number): Applied => {
    seenVersion = dataVersion.get();
    const outcomes = runApart(connection, batch, commands.failureOf, (command) =>
      inScope(now, (scope) => {
        scope.reload();
        const outcome = runIn(scope, command);
        scope.end();
        return outcome;
      }),
    );
    return { outcomes, news: commands.state() };
  };

  const commitBy = (work: () => Applied): Committed<Outcome, News> => {
    const begunMs = monotonicMs();
    beginWhereFree(() => begin.run());
    const { outcomes, news } = work();
    const appliedMs = monotonicMs();
    commit.run();
    const endedMs = monotonicMs();
    commands.settle();
    return { outcomes, news, commitMs: endedMs - begunMs, fsyncMs: endedMs - appliedMs };
  };

  /** All commands in one scope, which is restored too where the COMMIT itself fails. */
  const commitTogether = (batch: Batch, now: number): Committed<Outcome, News> =>
    inScope(now, (scope) =>
      commitBy(() => {
        const hasForeign = hasForeignCommit();
        if (hasForeign) scope.reload();
        const outcomes = batch.map((command) => runIn(scope, command));
        const news = scope.end();
        return { outcomes, news: hasForeign || batch.some(isStatements) ? commands.state() : news };
      }),
    );

  const rollingBack = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw rollBack(error);
    }
  };

  /** What no part can do together, because a command in it makes SQLite undo all of it. */
  const commitApart = (batch: Batch, now: number): Committed<Outcome, News> => {
    const begunMs = monotonicMs();
    let fsyncMs = 0;
    const commitPart = (part: Batch) => {
      const committed = rollingBack(() => commitTogether(part, now));
      fsyncMs += committed.fsyncMs;
      return committed.outcomes;
    };
    const outcomes = commitInParts(batch, commitPart, failureOf);
    return { outcomes, news: commands.state(), commitMs: monotonicMs() - begunMs, fsyncMs };
  };

  const step = (statements: readonly Statement[]): StatementsOutcome => {
    const [first] = statements;
    if (!first || !isSavepoint(first.sql))
      return runStatements(connection, { kind: 'runStatements', statements });
    try {
      // Not within the savepoint of a group, which would end it as well.
      connection.exec(first.sql);
      return { kind: 'statements_run', results: [{ rows: [] }] };
    } catch (error) {
      if (!isStatementError(error)) throw error;
      return { kind: 'statement_failed', error: toSent(error) };
    }
  };

  const commitSingle = (now: number): News =>
    inScope(now, (scope) => {
      scope.reload();
      scope.end();
      const news = commands.state();
      // A foreign commit is in that state too. Where this one is rolled back, it is still to be detected.
      seenVersion = dataVersion.get();
      commit.run();
      commands.settle();
      return news;
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
    foreignNews: () => (hasForeignCommit() ? commands.state() : null),
    commit(batch, now) {
      const failsAlone = (error: unknown) => batch.some((command) => failureOf(command, error) !== null);
      try {
        return rollingBack(() => commitTogether(batch, now));
      } catch (error) {
        if (!failsAlone(error)) throw error;
      }
      try {
        // Savepoints cost time, so only the batch of a command that has failed gets them.
        return rollingBack(() => inScope(now, () => commitBy(() => apartFrom(batch, now))));
      } catch (error) {
        if (!failsAlone(error)) throw error;
        return commitApart(batch, now);
      }
    },
    hasRoom() {
      try {
        beginWhereFree(() => begin.run());
        // Setting this number writes a page, even if it does not change.
        connection.pragma(`user_version = ${connection.pragma('user_version', { simple: true })}`);
        commit.run();
        return true;
      } catch (error) {
        const failure = rollBack(error);
        if (failure instanceof DiskFullError || failure instanceof FileBusyError) return false;
        throw failure;
      }
    },
  };
}
