/** The contract of a commands module: what an application runs in the writer's thread. */
import type { SqliteConnection } from './connection.ts';

/** One commit, or a part of it that fails alone, seen by the commands that run in it. */
export interface CommitScope<Command, Outcome, News> {
  /** Runs one command in the open transaction. What it throws fails the command alone, where `failureOf` knows the error. */
  run(command: Command): Outcome;
  /** Rows may have changed that no command of this connection changed: what is kept of them in memory is stale. */
  reload(): void;
  /** Writes what belongs to the commit as a whole; returns what every thread is sent. Called once, before COMMIT. */
  end(): News;
  /** The scope was rolled back: restores what is kept in memory. */
  takeBack(): void;
}

/** Commands bound to the writer's connection. Everything is synchronous. */
export interface OpenCommands<Command, Outcome, News> {
  /** `now` is the time of the commit, in epoch milliseconds. */
  begin(now: number): CommitScope<Command, Outcome, News>;
  /** The state that a thread starts from, as of the last commit. */
  state(): News;
  /** The COMMIT succeeded. */
  settle(): void;
  /** The outcome of a command that failed alone; null where the error is one of the database itself. */
  failureOf(error: unknown): Outcome | null;
  /** Whether the command deletes something that must leave the write-ahead log soon too. */
  deletes?(command: Command): boolean;
  /** Runs the hot path once without a lasting effect, before the first caller needs it. */
  warmUp?(now: number): void;
}

/**
 * The exports of a commands module. `openCommands` is called once for the writer's connection, after the migrations, with the
 * options that the database was opened with.
 */
export interface CommandsModule<Command, Outcome, News> {
  openCommands(connection: SqliteConnection, options: unknown): OpenCommands<Command, Outcome, News>;
}
