/** One read transaction for all reads of a turn of the event loop: SQLite's two lock calls then count once, not for each read. */
import type Database from 'better-sqlite3';
import type { Clock } from './clock.ts';
import type { SqliteConnection } from './connection.ts';

export interface TurnReader {
  /** Reads in the transaction of the turn, by the `get` and `all` of its prepared statements. */
  connection: SqliteConnection;
  /** To be called before a caller learns of a commit: the next read then sees it. */
  end(): void;
}

/**
 * Changes a connection that nothing else uses. Its transaction ends with the turn, or earlier by `end`. Several messages can
 * arrive in one turn, and one of them may say that another thread has written: with `lastCommit`, the number of the writer's
 * last commit, what runs after an `await` reads that too. What runs without one sees one state.
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
  const lookOut = (latest: () => number): void => {
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
      if (lastCommit) lookOut(lastCommit);
      if (!connection.inTransaction) {
        // Before it begins: a commit in between only makes it begin anew once more.
        if (lastCommit) begunAt = lastCommit();
        begin.run();
        clock.soon(end);
      }
      return read(...input);
    };
  const prepare = (sql: string): Database.Statement => {
    const statement = connection.prepare(sql);
    // `raw` and `pluck` return the statement itself, and so what is set here.
    return Object.assign(statement, {
      get: inTurn(statement.get.bind(statement)),
      all: inTurn(statement.all.bind(statement)),
    });
  };
  const turning = Object.create(connection, { prepare: { value: prepare } }) as SqliteConnection;
  return { connection: turning, end };
}
