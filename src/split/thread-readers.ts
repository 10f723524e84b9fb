/** The read-only connections of one thread: its own, on which short reads run at once, and those of its read threads. */
import type { Clock } from './clock.ts';
import type { ConnectionSettings, SqliteConnection } from './connection.ts';
import type { ReadThreadSettings } from './read-protocol.ts';
import { readStatements } from './read-statements.ts';
import { ReadThreads, readThreadsMax } from './read-threads.ts';
import { ReaderPool } from './reader-pool.ts';
import type { Remote } from './remote-session.ts';
import { readInTurns, type TurnReader } from './turn-reader.ts';
import { within } from './within.ts';
import type { WriterQueueSettings } from './writer-queue.ts';

export interface ThreadReadersSettings {
  connection: ConnectionSettings;
  queue: WriterQueueSettings;
  /** Read-only connections that may be open at the same time: this thread's own, and one for each read thread. */
  readersMax: number;
  /** Reads look for the commits of other threads by themselves, so that no request needs to `catchUp`. */
  areWritersSeen?: boolean;
  /** The application's module of read functions. */
  readFunctions?: ReadThreadSettings['functions'];
}

export interface ReadersStatus {
  /** Read-only connections, those of read threads among them. */
  readersOpen: number;
  readersInUse: number;
  readThreadsOpen: number;
  /** Statements of `db.parallel` that wait for a thread. */
  readQueueDepth: number;
}

export class ThreadReaders {
  readonly pool: ReaderPool;
  readonly threads: ReadThreads;
  /** Runs statements on the read threads, or where `readersMax` leaves none, at once on this one. */
  readonly readInParallel: Remote;
  readonly #lastCommit: (() => number) | undefined;
  readonly #clock: Clock;
  #turn: TurnReader | null = null;

  /** `lastCommit` gives the number of the writer's last commit. */
  constructor(settings: ThreadReadersSettings, lastCommit: () => number, clock: Clock) {
    const { connection, queue, readersMax, readFunctions: functions = null } = settings;
    const { queueMax: waitingMax, deadlineMs } = queue;
    const threadsMax = readThreadsMax(readersMax);
    this.pool = new ReaderPool(connection, readersMax);
    this.threads = new ReadThreads(
      { connection, functions, threadsMax, waitingMax, deadlineMs },
      this.pool,
      clock,
    );
    this.readInParallel =
      threadsMax > 0 ? this.threads.read : async (statements) => readStatements(this.own, statements);
    this.#lastCommit = settings.areWritersSeen ? lastCommit : undefined;
    this.#clock = clock;
  }

  /** The connection of this thread; all reads of one turn of the event loop see the same state. */
  get own(): SqliteConnection {
    if (!this.#turn) throw new Error('The split is not open.');
    return this.#turn.connection;
  }

  get isOpen(): boolean {
    return this.#turn !== null;
  }

  open(): void {
    this.#turn = readInTurns(this.pool.lease(), this.#clock, this.#lastCommit);
  }

  /** To be called before a caller learns of a commit: the next read then sees it. */
  endTurn(): void {
    this.#turn?.end();
  }

  status(): ReadersStatus {
    const { open, idle, waiting } = this.threads.counts();
    return {
      readersOpen: this.pool.open,
      readersInUse: this.pool.inUse - idle,
      readThreadsOpen: open,
      readQueueDepth: waiting,
    };
  }

  /** Ends the read threads, for which it waits no longer than `deadlineMs`, and closes the connections. */
  async close(deadlineMs: number): Promise<void> {
    await within(this.threads.close(), deadlineMs, this.#clock);
    this.#turn?.end();
    this.pool.close();
  }
}
