/** One read transaction per event-loop turn: SQLite's two lock calls count once, not per read. */
import type Database from 'better-sqlite3';
import type { Clock } from './clock.ts';
import type { SqliteConnection } from './connection.ts';

export interface TurnReader {
  /** Reads in the transaction of the turn, through `get` and `all` of its prepared statements. */
  connection: SqliteConnection;
  /** Call this before a caller learns of a commit: the next read then sees it. */
  end(): void;
}

/**
 * Changes a connection that nothing else uses. Its transaction ends with the turn, or earlier by
 * `end`. Several messages can arrive in one turn, and one of them may report a write of another
 * thread. With `lastCommit`, the number of the writer's last commit, code after an `await` reads
 * that write too. Code without an `await` sees one state.
 */
export function readInTurns(
  connection: SqliteConnection,
  clock: Clock,
  lastCommit?: () => number,
): TurnReader {
  const begin = connection.prepare('BEGIN');
  const commit = connection.prepare('COMMIT');
  let begunAt = 0;
  let mayBeOld = false;
  const end = (): void => {
    if (connection.open && connection.inTransaction) commit.run();
  };
  const watchCommits = (latest: () => number): void => {
    if (mayBeOld && latest() !== begunAt) end();
    if (connection.inTransaction && !mayBeOld) return;
    mayBeOld = false;
    queueMicrotask(() => {
      mayBeOld = true;
    });
  };
  const inTurn =
    <Input extends unknown[], Output>(read: (...input: Input) => Output) =>
    (...input: Input): Output => {
      if (lastCommit) watchCommits(lastCommit);
      if (!connection.inTransaction) {
        // Before it begins: a commit in between only makes the transaction restart once more.
        if (lastCommit) begunAt = lastCommit();
        begin.run();
        clock.soon(end);
      }
      return read(...input);
    };
  const prepare = (sql: string): Database.Statement => {
    const statement = connection.prepare(sql);
    // `raw` and `pluck` return the statement itself, so they keep these methods.
    return Object.assign(statement, {
      get: inTurn(statement.get.bind(statement)),
      all: inTurn(statement.all.bind(statement)),
    });
  };
  const turning = Object.create(connection, { prepare: { value: prepare } }) as SqliteConnection;
  return { connection: turning, end };
}
