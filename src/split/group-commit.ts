/** Runs a batch of commands as one transaction with one fsync: synchronous, and without threads. */

import type { CommitScope, OpenCommands } from './commands.ts';
import { commitInParts } from './commit-in-parts.ts';
import { inScope } from './commit-scope.ts';
import type { SqliteConnection } from './connection.ts';
import { toSent } from './errors.ts';
import type { QueueRefusal } from './refusal.ts';
import { runInSavepoints } from './run-in-savepoints.ts';
import { isStatementError, runStatements } from './run-statements.ts';
import { beginSingleTransaction, type SingleTransaction } from './single-transaction.ts';
import type { RunStatements, StatementsOutcome } from './statements.ts';
import { TransactionControl } from './transaction-control.ts';

export interface Committed<Outcome, Update> {
  /** One for each command, in order. */
  outcomes: (Outcome | StatementsOutcome | QueueRefusal)[];
  /** The update of this commit, for every thread. */
  update: Update;
  /** Milliseconds from BEGIN to the end of COMMIT, and of COMMIT alone. */
  commitMs: number;
  fsyncMs: number;
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

type Batch<Command> = readonly (Command | RunStatements)[];
type Applied<Outcome, Update> = Pick<Committed<Outcome, Update>, 'outcomes' | 'update'>;

const isStatements = (command: unknown): command is RunStatements =>
  (command as RunStatements).kind === 'runStatements';

/** The ways to commit a batch: together, in savepoints, or in parts. */
class BatchCommit<Command, Outcome, Update> {
  readonly #connection: SqliteConnection;
  readonly #control: TransactionControl;
  readonly #commands: OpenCommands<Command, Outcome, Update>;
  readonly #monotonicMs: () => number;

  constructor(
    connection: SqliteConnection,
    control: TransactionControl,
    commands: OpenCommands<Command, Outcome, Update>,
    monotonicMs: () => number,
  ) {
    this.#connection = connection;
    this.#control = control;
    this.#commands = commands;
    this.#monotonicMs = monotonicMs;
  }

  /** Commits in the quickest way that the batch allows. */
  commit(batch: Batch<Command>, now: number): Committed<Outcome, Update> {
    const failsAlone = (error: unknown) => batch.some((command) => this.#failureOf(command, error) !== null);
    try {
      return this.#control.orRollBack(() => this.#commitTogether(batch, now));
    } catch (error) {
      if (!failsAlone(error)) throw error;
    }
    try {
      // Savepoints cost time, so only a batch with a failed command gets them.
      return this.#control.orRollBack(() => this.#commitApart(batch, now));
    } catch (error) {
      if (!failsAlone(error)) throw error;
      return this.#commitInParts(batch, now);
    }
  }

  /** Commits all commands in one scope, which is also restored if the COMMIT itself fails. */
  #commitTogether(batch: Batch<Command>, now: number): Committed<Outcome, Update> {
    return inScope(this.#commands, now, (scope) =>
      this.#commitBy(() => {
        const hasForeign = this.#control.hasForeignCommit();
        if (hasForeign) scope.reload();
        const outcomes = batch.map((command) => this.#runIn(scope, command));
        const update = scope.end();
        const isWhole = hasForeign || batch.some(isStatements);
        return { outcomes, update: isWhole ? this.#commands.state() : update };
      }),
    );
  }

  /** Commits each command in a savepoint and a scope of its own, so that some of them can fail. */
  #commitApart(batch: Batch<Command>, now: number): Committed<Outcome, Update> {
    const commands = this.#commands;
    // This outer scope restores the state if the COMMIT fails.
    return inScope(commands, now, () =>
      this.#commitBy(() => {
        this.#control.skipForeignCommits();
        const outcomes = runInSavepoints(this.#connection, batch, commands.failureOf, (command) =>
          inScope(commands, now, (scope) => {
            scope.reload();
            const outcome = this.#runIn(scope, command);
            scope.end();
            return outcome;
          }),
        );
        return { outcomes, update: commands.state() };
      }),
    );
  }

  /** Commits a batch in parts, because a command in it makes SQLite undo the whole commit. */
  #commitInParts(batch: Batch<Command>, now: number): Committed<Outcome, Update> {
    const begunMs = this.#monotonicMs();
    let fsyncMs = 0;
    const commitPart = (part: Batch<Command>) => {
      const committed = this.#control.orRollBack(() => this.#commitTogether(part, now));
      fsyncMs += committed.fsyncMs;
      return committed.outcomes;
    };
    const failureOf = (command: Command | RunStatements, error: unknown) => this.#failureOf(command, error);
    const outcomes = commitInParts(batch, commitPart, failureOf);
    const commitMs = this.#monotonicMs() - begunMs;
    return { outcomes, update: this.#commands.state(), commitMs, fsyncMs };
  }

  /** Wraps `apply` in BEGIN and COMMIT, and measures them. */
  #commitBy(apply: () => Applied<Outcome, Update>): Committed<Outcome, Update> {
    const begunMs = this.#monotonicMs();
    this.#control.begin();
    const { outcomes, update } = apply();
    const appliedMs = this.#monotonicMs();
    this.#control.commit();
    const endedMs = this.#monotonicMs();
    this.#commands.afterCommit();
    return { outcomes, update, commitMs: endedMs - begunMs, fsyncMs: endedMs - appliedMs };
  }

  #runIn(
    scope: CommitScope<Command, Outcome, Update>,
    command: Command | RunStatements,
  ): Outcome | StatementsOutcome {
    if (!isStatements(command)) return scope.run(command);
    const outcome = runStatements(this.#connection, command);
    scope.reload();
    return outcome;
  }

  /** The outcome of a command that failed alone; null if the database failed. */
  #failureOf(command: Command | RunStatements, error: unknown): Outcome | StatementsOutcome | null {
    if (!this.#connection.open) return null;
    if (!isStatements(command)) return this.#commands.failureOf(error);
    return isStatementError(error) ? { kind: 'statement_failed', error: toSent(error) } : null;
  }
}

/** Prepares group commits on the writer's connection. Without a clock, all durations are 0. */
export function createGroupCommit<Command, Outcome, Update>(
  connection: SqliteConnection,
  commands: OpenCommands<Command, Outcome, Update>,
  monotonicMs: () => number = () => 0,
): GroupCommit<Command, Outcome, Update> {
  const control = new TransactionControl(connection);
  const batches = new BatchCommit(connection, control, commands, monotonicMs);
  return {
    commit: (batch, now) => batches.commit(batch, now),
    begin: (now) => beginSingleTransaction(connection, control, commands, now),
    foreignUpdate: () => (control.hasForeignCommit() ? commands.state() : null),
    hasSpace: () => control.hasSpace(),
  };
}
