/** A read thread as its owner sees it: one request at a time; a failed request does not end it. */
import type { Worker } from 'node:worker_threads';
import { fromSent } from './errors.ts';
import type { FromReadThread, ReadThreadSettings, ToReadThread } from './read-protocol.ts';
import { startThread } from './thread.ts';

export class ReadThreadClient {
  readonly gone: Promise<void>;
  readonly #thread: Worker;
  #pending: PromiseWithResolvers<unknown> | null = null;
  #failure: Error | null = null;

  constructor(settings: ReadThreadSettings) {
    const { connection, functions } = settings;
    this.#thread = startThread(new URL('./read-thread.ts', import.meta.url), { connection, functions });
    this.#thread.on('message', (message: FromReadThread) => {
      const pending = this.#pending;
      this.#pending = null;
      if (message.kind === 'answer') pending?.resolve(message.value);
      else pending?.reject(fromSent(message.error));
    });
    const fail = (error: Error): void => {
      this.#failure ??= error;
      this.#pending?.reject(this.#failure);
      this.#pending = null;
    };
    this.#thread.on('error', fail);
    this.gone = new Promise((resolve) => {
      this.#thread.once('exit', () => {
        fail(new Error('The read thread was ended.'));
        resolve();
      });
    });
  }

  get isBusy(): boolean {
    return this.#pending !== null;
  }

  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  post(message: ToReadThread): void {
    this.#thread.postMessage(message);
  }

  /** Rejects with the error of the request, or of the thread. */
  request(message: ToReadThread): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#pending = Promise.withResolvers();
    this.post(message);
    return this.#pending.promise;
  }

  /** Ends the thread immediately. */
  terminate(): void {
    void this.#thread.terminate();
  }
}
