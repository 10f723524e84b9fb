/** The read-only connections of one thread: its own, and those of its read threads. */
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
  /** Read-only connections open at the same time: this thread's own, and one per read thread. */
  readersMax: number;
  /** Whether reads detect commits of other threads themselves, without `catchUp`. */
  areWritersSeen?: boolean;
  /** The application's module of read functions. */
  readFunctions?: ReadThreadSettings['functions'];
}

export interface ReadersStatus {
  /** Open read-only connections, including those of read threads. */
  readersOpen: number;
  readersInUse: number;
  readThreadsOpen: number;
  /** Statements of `db.parallel` that wait for a thread. */
  readQueueDepth: number;
}

export class ThreadReaders {
  readonly pool: ReaderPool;
  readonly threads: ReadThreads;
  /** Runs statements on the read threads; if `readersMax` allows none, immediately on this one. */
  readonly readInParallel: Remote;
  readonly #lastCommit: (() => number) | undefined;
  readonly #clock: Clock;
  #turn: TurnReader | null = null;

  /** `lastCommit` returns the number of the writer's last commit. */
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

  /** Call this before a caller learns of a commit: the next read then sees it. */
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

  /** Ends the read threads, waiting at most `deadlineMs`, and closes the connections. */
  async close(deadlineMs: number): Promise<void> {
    await within(this.threads.close(), deadlineMs, this.#clock);
    this.#turn?.end();
    this.pool.close();
  }
}
