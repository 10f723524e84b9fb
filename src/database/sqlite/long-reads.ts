/** Audits and exports: few at a time, each in a read thread, at the speed of the client. */
import type { Certificate } from '../../domain/certificate.ts';
import { LONG_READ_IDLE_MS, LONG_READS_MAX } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import type { ReadRun } from '../../split/read-threads.ts';
import type { LongReadInput, openReads } from './shop-reads.ts';

type Begin = (name: keyof ReturnType<typeof openReads>, input: LongReadInput) => ReadRun | null;

export class LongReads {
  readonly #begin: Begin;
  readonly #clock: Clock;
  readonly #running = new Set<ReadRun>();

  /** `begin` starts a read in a read thread; null if no connection is free. */
  constructor(begin: Begin, clock: Clock) {
    this.#begin = begin;
    this.#clock = clock;
  }

  /** The certificate of a drop; null if too many long reads run. */
  async certify(dropId: number): Promise<Certificate | null> {
    const read = this.#start('certify', dropId);
    if (!read) return null;
    try {
      return (await read.next()) as Certificate | null;
    } finally {
      await this.#end(read);
    }
  }

  /** The orders of a drop as CSV; null if too many long reads run. */
  exportOrders(dropId: number): ReadableStream<Uint8Array> | null {
    const read = this.#start('exportOrders', dropId);
    if (!read) return null;
    let stopWaiting = (): void => undefined;
    return new ReadableStream(
      {
        pull: async (controller) => {
          stopWaiting();
          try {
            const part = await read.next();
            if (part instanceof Uint8Array) {
              // Otherwise a few clients that stop reading would block all long reads.
              stopWaiting = this.#clock.every(LONG_READ_IDLE_MS, () => {
                stopWaiting();
                controller.error(new Error('The client did not read the next part of an export in time.'));
                void this.#end(read);
              });
              controller.enqueue(part);
              return;
            }
            controller.close();
          } catch (error) {
            controller.error(error);
          }
          await this.#end(read);
        },
        cancel: () => {
          stopWaiting();
          return this.#end(read);
        },
      },
      // At most one part ahead of the client.
      { highWaterMark: 1 },
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((read) => this.#end(read)));
  }

  #start(name: Parameters<Begin>[0], dropId: number): ReadRun | null {
    if (this.#running.size >= LONG_READS_MAX) return null;
    const read = this.#begin(name, { dropId, now: this.#clock.now() });
    if (read) this.#running.add(read);
    return read;
  }

  async #end(read: ReadRun): Promise<void> {
    await read.end();
    this.#running.delete(read);
  }
}
