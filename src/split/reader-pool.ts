/** The read-only connections: opened when first needed at the same time, up to a maximum. */
import { type ConnectionSettings, openReader, type SqliteConnection } from './connection.ts';

export class ReadersExhaustedError extends Error {
  constructor(max: number) {
    super(`All ${max} reader connections are in use.`);
    this.name = 'ReadersExhaustedError';
  }
}

export class ReaderPool {
  readonly #settings: ConnectionSettings;
  readonly #max: number;
  readonly #free: SqliteConnection[] = [];
  readonly #all = new Set<SqliteConnection>();
  /** Connections that threads opened for themselves. */
  #elsewhere = 0;

  constructor(settings: ConnectionSettings, max: number) {
    this.#settings = settings;
    this.#max = max;
  }

  get open(): number {
    return this.#all.size + this.#elsewhere;
  }
  get inUse(): number {
    return this.open - this.#free.length;
  }

  /**
   * Lends a connection until `release`. The last one returned is lent first: its cache is warm, and
   * short reads never open a second one. Throws `ReadersExhaustedError` if all are lent.
   */
  lease(): SqliteConnection {
    const free = this.#free.pop();
    if (free) return free;
    if (this.open >= this.#max) throw new ReadersExhaustedError(this.#max);
    const connection = openReader(this.#settings);
    this.#all.add(connection);
    return connection;
  }

  /** Counts a connection that a thread opens, until `unreserve`. False if all are in use. */
  reserve(): boolean {
    if (this.open >= this.#max) return false;
    this.#elsewhere += 1;
    return true;
  }

  unreserve(): void {
    this.#elsewhere -= 1;
  }

  release(connection: SqliteConnection): void {
    if (!this.#all.has(connection) || this.#free.includes(connection))
      throw new Error('This reader was not lent.');
    this.#free.push(connection);
  }

  /** Lends a connection for one synchronous piece of work. */
  use<T>(work: (connection: SqliteConnection) => T): T {
    const connection = this.lease();
    try {
      return work(connection);
    } finally {
      this.release(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close();
    this.#all.clear();
    this.#free.length = 0;
  }
}
