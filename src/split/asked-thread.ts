/** A read thread as its owner sees it: one request at a time; a failed request does not end it. */
import type { Worker } from 'node:worker_threads';
import { fromSent } from './errors.ts';
import type { FromReadThread, ReadThreadSettings, ToReadThread } from './read-protocol.ts';
import { startThread } from './thread.ts';

export class AskedThread {
  readonly gone: Promise<void>;
  readonly #thread: Worker;
  #asked: PromiseWithResolvers<unknown> | null = null;
  #failure: Error | null = null;

  constructor(settings: ReadThreadSettings) {
    const { connection, functions } = settings;
    this.#thread = startThread(new URL('./read-thread.ts', import.meta.url), { connection, functions });
    this.#thread.on('message', (message: FromReadThread) => {
      const asked = this.#asked;
      this.#asked = null;
      if (message.kind === 'answer') asked?.resolve(message.value);
      else asked?.reject(fromSent(message.error));
    });
    const fail = (error: Error): void => {
      this.#failure ??= error;
      this.#asked?.reject(this.#failure);
      this.#asked = null;
    };
    this.#thread.on('error', fail);
    this.gone = new Promise((resolve) => {
      this.#thread.once('exit', () => {
        fail(new Error('The read thread was ended.'));
        resolve();
      });
    });
  }

  get isAsked(): boolean {
    return this.#asked !== null;
  }

  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  post(message: ToReadThread): void {
    this.#thread.postMessage(message);
  }

  /** Rejects with the error of the request, or of the thread. */
  ask(message: ToReadThread): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#asked = Promise.withResolvers();
    this.post(message);
    return this.#asked.promise;
  }

  /** Ends the thread immediately. */
  terminate(): void {
    void this.#thread.terminate();
  }
}
