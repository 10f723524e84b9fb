/** The contract of a commands module: what an application runs in the writer thread. */
import type { SqliteConnection } from './connection.ts';

/** One commit, or a part of it that fails alone, as its commands see it. */
export interface CommitScope<Command, Outcome, Update> {
  /** Runs one command. An error that `failureOf` knows fails only that command. */
  run(command: Command): Outcome;
  /** Discards rows kept in memory: something other than these commands may have changed them. */
  reload(): void;
  /**
   * Writes what belongs to the whole commit, once, before COMMIT; returns the update for threads.
   */
  end(): Update;
  /** Restores the state in memory after a rollback of the scope. */
  rollBack(): void;
}

/** Commands bound to the writer's connection. Everything is synchronous. */
export interface OpenCommands<Command, Outcome, Update> {
  /** `now` is the time of the commit, in epoch milliseconds. */
  begin(now: number): CommitScope<Command, Outcome, Update>;
  /** The state that a thread starts from, as of the last commit. */
  state(): Update;
  /** Called after a successful COMMIT. */
  afterCommit(): void;
  /** The outcome of a command that failed alone; null if the database itself failed. */
  failureOf(error: unknown): Outcome | null;
  /** Whether the command deletes something that must soon leave the write-ahead log too. */
  deletes?(command: Command): boolean;
  /**
   * Runs the hot path without a lasting effect, before a caller needs it. Called again while the
   * writer has nothing else to do, until it returns false.
   */
  warmUp?(now: number): boolean;
}

/**
 * The exports of a commands module. `openCommands` is called once for the writer's connection,
 * after the migrations, with the options that the database was opened with.
 */
export interface CommandsModule<Command, Outcome, Update> {
  openCommands(connection: SqliteConnection, options: unknown): OpenCommands<Command, Outcome, Update>;
}
