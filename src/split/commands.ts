/** The contract of a commands module: what an application runs in the writer thread. */
import type { SqliteConnection } from './connection.ts';

/** One commit, or a part of it that fails alone, as its commands see it. */
export interface CommitScope<Command, Outcome, News> {
  /** Runs one command. An error that `failureOf` knows fails only that command. */
  run(command: Command): Outcome;
  /** Discards rows kept in memory: something other than these commands may have changed them. */
  reload(): void;
  /** Writes what belongs to the whole commit, once, before COMMIT; returns the news for threads. */
  end(): News;
  /** Restores the state in memory after a rollback of the scope. */
  takeBack(): void;
}

/** Commands bound to the writer's connection. Everything is synchronous. */
export interface OpenCommands<Command, Outcome, News> {
  /** `now` is the time of the commit, in epoch milliseconds. */
  begin(now: number): CommitScope<Command, Outcome, News>;
  /** The state that a thread starts from, as of the last commit. */
  state(): News;
  /** Called after a successful COMMIT. */
  settle(): void;
  /** The outcome of a command that failed alone; null if the database itself failed. */
  failureOf(error: unknown): Outcome | null;
  /** Whether the command deletes something that must soon leave the write-ahead log too. */
  deletes?(command: Command): boolean;
  /** Runs the hot path once without a lasting effect, before the first caller needs it. */
  warmUp?(now: number): void;
}

/**
 * The exports of a commands module. `openCommands` is called once for the writer's connection,
 * after the migrations, with the options that the database was opened with.
 */
export interface CommandsModule<Command, Outcome, News> {
  openCommands(connection: SqliteConnection, options: unknown): OpenCommands<Command, Outcome, News>;
}
