/** One read transaction for all reads of a turn of the event loop: SQLite's two lock calls then count once, not for each read. */
import type { Clock } from '../../split/clock.ts';
import type { SqliteConnection } from '../../split/connection.ts';
import type { Reads } from '../reads.ts';

export interface TurnSnapshot {
  reads: Reads;
  /** To be called before anybody is told of a commit: the next read then sees it. */
  end(): void;
}

/** Wraps reads of `connection`, which must be nobody else's. Their snapshot ends with the turn, or earlier by `end`. */
export function shareSnapshotByTurn(connection: SqliteConnection, reads: Reads, clock: Clock): TurnSnapshot {
  const begin = connection.prepare('BEGIN');
  const commit = connection.prepare('COMMIT');
  const end = (): void => {
    if (connection.open && connection.inTransaction) commit.run();
  };
  const inTurn =
    <Input extends unknown[], Output>(read: (...input: Input) => Output) =>
    (...input: Input): Output => {
      if (!connection.inTransaction) {
        begin.run();
        clock.soon(end);
      }
      return read(...input);
    };
  return {
    end,
    // The two that a crowd asks for; the others are rare, and see the turn's snapshot where one is open.
    reads: { ...reads, order: inTurn(reads.order), orderByKey: inTurn(reads.orderByKey) },
  };
}
