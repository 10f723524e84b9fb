/** Starts the additional HTTP threads, notifies them of a shutdown, and stops them. */

import type { Worker } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import { STOP_REQUESTS_DEADLINE_MS, STOP_WRITER_DEADLINE_MS } from '../limits.ts';
import { startThread } from '../split/thread.ts';
import type { WriterLink } from '../split/writer-protocol.ts';
import type { SharedLimits } from './shared-key-times.ts';

export interface HttpThreadSettings {
  config: Config;
  link: WriterLink;
  port: number;
  publicUrl: string;
  sharedLimits: SharedLimits;
  /** One Int32: 1 once the shutdown has begun. */
  stopping: SharedArrayBuffer;
}

export interface HttpThreads {
  notifyStopping(): void;
  /**
   * Resolves once every thread has answered its accepted requests, or has exceeded its deadline.
   */
  stop(): Promise<void>;
}

type ThreadSettings = Pick<HttpThreadSettings, 'config' | 'port' | 'publicUrl' | 'sharedLimits'>;

/**
 * Resolves once all threads listen. Calls `onFault` if one ends unexpectedly. Rejects if one can't
 * listen.
 */
export async function startHttpThreads(
  links: readonly WriterLink[],
  settings: ThreadSettings,
  onFault: (reason: string) => void,
): Promise<HttpThreads> {
  const stopping = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  let isStopping = false;
  const threads = await Promise.all(
    links.map(
      (link) =>
        new Promise<Worker>((resolve, reject) => {
          const threadSettings: HttpThreadSettings = { ...settings, link, stopping };
          const entry = new URL('./http-thread.ts', import.meta.url);
          const thread = startThread(entry, threadSettings, { transferList: [link.port] });
          const lose = (reason: string): void => {
            reject(new Error(reason));
            if (!isStopping) onFault(reason);
          };
          thread.once('message', () => resolve(thread));
          thread.on('error', (error) => lose(`An HTTP thread failed: ${error.message}`));
          thread.on('exit', () => lose('An HTTP thread ended.'));
        }),
    ),
  );
  const end = (thread: Worker): Promise<void> =>
    new Promise((resolve) => {
      const deadline = setTimeout(
        () => void thread.terminate(),
        STOP_REQUESTS_DEADLINE_MS + STOP_WRITER_DEADLINE_MS,
      );
      thread.once('exit', () => {
        clearTimeout(deadline);
        resolve();
      });
      thread.postMessage('stop');
    });
  return {
    notifyStopping: () => void Atomics.store(new Int32Array(stopping), 0, 1),
    async stop() {
      isStopping = true;
      await Promise.all(threads.map(end));
    },
  };
}
