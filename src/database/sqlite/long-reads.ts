/** Reads that take long, each in a thread of its own with a connection of its own, so that no purchase waits for them. */

import type { Certificate } from '../../domain/certificate.ts';
import type { Clock } from '../../split/clock.ts';
import type { ConnectionSettings } from '../../split/connection.ts';
import { LONG_READ_IDLE_MS, LONG_READS_MAX } from '../../split/limits.ts';
import type { ReaderPool } from '../../split/reader-pool.ts';
import { startThread } from '../../split/thread.ts';
import type { Tallies } from '../shop-database.ts';

export interface LongReadSettings {
  connection: ConnectionSettings;
  secretKey: string;
}

export interface LongReadJob extends LongReadSettings {
  kind: 'certify' | 'exportOrders' | 'tallies';
  dropId: number;
}

/** What the thread answers to each `next`: what was asked for, a part of the export, or null at its end. */
export type LongReadPart = Certificate | Tallies | Uint8Array | null;

interface LongRead {
  /** Asks the thread for its next part. Rejects where the thread has failed or was ended. */
  next(): Promise<LongReadPart>;
  end(): Promise<void>;
}

export class LongReads {
  readonly #settings: LongReadSettings;
  readonly #pool: ReaderPool;
  readonly #clock: Clock;
  readonly #running = new Set<LongRead>();
  /** Those that LONG_READS_MAX is about. */
  #counted = 0;

  constructor(settings: LongReadSettings, pool: ReaderPool, clock: Clock) {
    this.#settings = settings;
    this.#pool = pool;
    this.#clock = clock;
  }

  certify(dropId: number): Promise<Certificate | null> {
    return this.#once<Certificate>('certify', dropId);
  }

  tallies(): Promise<Tallies | null> {
    return this.#once<Tallies>('tallies', 0);
  }

  /** What a read of one part answers; null where too many run. */
  async #once<Part extends LongReadPart>(kind: LongReadJob['kind'], dropId: number): Promise<Part | null> {
    const read = this.#begin(kind, dropId);
    if (!read) return null;
    try {
      return (await read.next()) as Part;
    } finally {
      await read.end();
    }
  }

  exportOrders(dropId: number): ReadableStream<Uint8Array> | null {
    const read = this.#begin('exportOrders', dropId);
    if (!read) return null;
    let stopWaiting = (): void => undefined;
    return new ReadableStream(
      {
        pull: async (controller) => {
          stopWaiting();
          try {
            const part = await read.next();
            if (part instanceof Uint8Array) {
              // Or a few clients that have stopped reading would keep every place for ever.
              stopWaiting = this.#clock.every(LONG_READ_IDLE_MS, () => {
                stopWaiting();
                controller.error(new Error('Nobody took the next part of an export.'));
                void read.end();
              });
              controller.enqueue(part);
              return;
            }
            controller.close();
          } catch (error) {
            controller.error(error);
          }
          await read.end();
        },
        cancel: () => {
          stopWaiting();
          return read.end();
        },
      },
      // One part ahead of the reader, and no more.
      { highWaterMark: 1 },
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((read) => read.end()));
  }

  #begin(kind: LongReadJob['kind'], dropId: number): LongRead | null {
    // Counting is short, and one at a time: it takes nobody's place.
    const isCounted = kind !== 'tallies';
    if ((isCounted && this.#counted >= LONG_READS_MAX) || !this.#pool.takePlace()) return null;
    this.#counted += Number(isCounted);
    const job: LongReadJob = { ...this.#settings, kind, dropId };
    const thread = startThread(new URL('./long-read-thread.ts', import.meta.url), job);
    let settle: { resolve: (part: LongReadPart) => void; reject: (error: Error) => void } | null = null;
    let failure: Error | null = null;
    const fail = (error: Error): void => {
      failure ??= error;
      settle?.reject(failure);
    };
    thread.on('message', (part: LongReadPart) => settle?.resolve(part));
    thread.on('error', fail);
    thread.on('exit', () => fail(new Error('The long read was ended.')));
    let ended: Promise<void> | null = null;
    const read: LongRead = {
      next: () =>
        new Promise((resolve, reject) => {
          if (failure) return reject(failure);
          settle = { resolve, reject };
          thread.postMessage('next');
        }),
      end: () => {
        ended ??= thread.terminate().then(() => {
          this.#running.delete(read);
          this.#counted -= Number(isCounted);
          this.#pool.returnPlace();
        });
        return ended;
      },
    };
    this.#running.add(read);
    return read;
  }
}
