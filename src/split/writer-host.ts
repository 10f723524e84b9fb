/** Starts the writer's thread, links other threads to it, and ends it. */
import { MessageChannel } from 'node:worker_threads';
import { startThread } from './thread.ts';
import type {
  FromWriterThread,
  ToWriterThread,
  WriterLink,
  WriterSettings,
  WriterThreadSettings,
} from './writer-protocol.ts';

export interface WriterHost {
  /** A new link, for this thread or on another one. */
  link(): WriterLink;
  /** Empties the WAL and closes the file; resolves once the thread is gone. Every batch must have been answered. */
  close(): Promise<void>;
  /** Ends the thread as it is. */
  terminate(): Promise<unknown>;
}

/** The file can't be served; the message says why, for the operator. */
export class DatabaseRefusedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'DatabaseRefusedError';
  }
}

/**
 * Resolves once the file is open and migrated. Rejects with `DatabaseRefusedError` where it can't be served. `onFault` is
 * called where the writer is lost later on.
 */
export function startWriter(
  settings: WriterSettings,
  onFault: (reason: string) => void,
): Promise<WriterHost> {
  const lastCommit = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const threadSettings: WriterThreadSettings = { ...settings, lastCommit };
  const thread = startThread(new URL('./writer-thread.ts', import.meta.url), threadSettings);
  let state: 'opening' | 'open' | 'ended' = 'opening';
  const send = (message: ToWriterThread): void => {
    if (message.kind === 'attach') thread.postMessage(message, [message.port]);
    else thread.postMessage(message);
  };
  const host: WriterHost = {
    link() {
      const { port1, port2 } = new MessageChannel();
      send({ kind: 'attach', port: port1 });
      return { port: port2, lastCommit };
    },
    close() {
      state = 'ended';
      const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
      send({ kind: 'close' });
      return gone;
    },
    terminate() {
      state = 'ended';
      return thread.terminate();
    },
  };
  return new Promise((resolve, reject) => {
    const lose = (reason: string): void => {
      const was = state;
      state = 'ended';
      if (was === 'opening') {
        // Not before its connections and locks are gone: the caller may try again at once.
        void thread.terminate().finally(() => reject(new DatabaseRefusedError(reason)));
      } else if (was === 'open') {
        onFault(reason);
      }
    };
    thread.on('message', (message: FromWriterThread) => {
      if (message.kind === 'opened') {
        state = 'open';
        resolve(host);
      } else if (message.kind !== 'closed') {
        lose(message.reason);
      }
    });
    thread.on('error', (error) => lose(error.message));
    thread.on('exit', () => lose('The writer thread ended.'));
  });
}
