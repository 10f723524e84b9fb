/**
 * The free connections of a run, used in turn. When none is free, the pool opens one more in the
 * background.
 */
import type { HttpConnection } from './http-connection.ts';

export interface PoolSize {
  /** Opened before the run. */
  connections: number;
  /** The pool never grows beyond this. */
  connectionsMax: number;
}

// A server's backlog is short: opening too many at once would be a stampede of its own.
const opensAtOnce = 100;

export class ConnectionPool {
  readonly #create: () => HttpConnection;
  readonly #max: number;
  readonly #all: HttpConnection[] = [];
  /** A ring: the connection that idled longest is next, so that all stay in use. */
  readonly #free: (HttpConnection | undefined)[];
  #head = 0;
  #freeCount = 0;
  #opening = false;

  private constructor(create: () => HttpConnection, max: number) {
    this.#create = create;
    this.#max = max;
    this.#free = new Array(max).fill(undefined);
  }

  /** Opens the first connections. Rejects with the socket's error if the server refuses one. */
  static async open(create: () => HttpConnection, size: PoolSize): Promise<ConnectionPool> {
    const pool = new ConnectionPool(create, Math.max(size.connections, size.connectionsMax));
    while (pool.#all.length < size.connections) {
      const missing = size.connections - pool.#all.length;
      await Promise.all(Array.from({ length: Math.min(opensAtOnce, missing) }, () => pool.#add()));
    }
    return pool;
  }

  get size(): number {
    return this.#all.length;
  }

  /**
   * Returns a free connection. If all are busy, returns undefined and opens one more.
   */
  take(): HttpConnection | undefined {
    if (this.#freeCount === 0) {
      this.#grow();
      return undefined;
    }
    const connection = this.#free[this.#head];
    this.#free[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#max;
    this.#freeCount--;
    return connection;
  }

  give(connection: HttpConnection): void {
    this.#free[(this.#head + this.#freeCount) % this.#max] = connection;
    this.#freeCount++;
  }

  /** Fails requests sent more than `deadlineMs` ago. */
  expire(deadlineMs: number): void {
    for (const connection of this.#all) connection.expire(deadlineMs);
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #grow(): void {
    if (this.#opening || this.#all.length >= this.#max) return;
    this.#opening = true;
    // Ignore the failure: the arrival that needed this connection already counts as dropped.
    const opened = (): void => {
      this.#opening = false;
    };
    this.#add().then(opened, opened);
  }

  async #add(): Promise<void> {
    const connection = this.#create();
    await connection.open();
    this.#all.push(connection);
    this.give(connection);
  }
}
