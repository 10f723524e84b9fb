/** Starts the writer thread, links other threads to it, and ends it. */
import { MessageChannel } from 'node:worker_threads';
import { toSent } from './errors.ts';
import { cannotBeLoaded } from './load-commands.ts';
import { startThread } from './thread.ts';
import type {
  FromWriterThread,
  ToWriterThread,
  WriterLink,
  WriterSettings,
  WriterThreadSettings,
} from './writer-protocol.ts';

export interface WriterHost {
  /** A new link, for this thread or another one. */
  link(): WriterLink;
  /**
   * Empties the WAL and closes the file; resolves once the thread has ended. Every batch must have
   * been answered.
   */
  close(): Promise<void>;
  /** Ends the thread immediately. */
  terminate(): Promise<unknown>;
  /** Ends the thread after an error in the opening; rejects with `DatabaseRefusedError`. */
  refuse(error: unknown): Promise<never>;
}

/** The file cannot be served; the message gives the operator the reason. */
export class DatabaseRefusedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'DatabaseRefusedError';
  }
}

/**
 * Starts the writer; resolves once the file is open and migrated. Rejects with
 * `DatabaseRefusedError` if the file cannot be served. `onFault` is called if the writer is lost
 * later.
 */
export function startWriter(
  settings: WriterSettings,
  onFault: (reason: string) => void,
): Promise<WriterHost> {
  const lastCommit = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const threadSettings: WriterThreadSettings = { ...settings, lastCommit };
  const thread = startThread(new URL('./writer-thread.ts', import.meta.url), threadSettings);
  const { commands } = settings;
  const module = 'href' in commands ? commands.href : commands.functions;
  let state: 'loading' | 'opening' | 'open' | 'ended' = 'loading';
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
    async refuse(error) {
      await host.terminate();
      throw new DatabaseRefusedError(error instanceof Error ? error.message : String(error));
    },
  };
  return new Promise((resolve, reject) => {
    const lose = (reason: string): void => {
      const was = state;
      state = 'ended';
      if (was === 'loading' || was === 'opening') {
        // Only after its connections and locks are gone: the caller may retry immediately.
        void thread.terminate().finally(() => reject(new DatabaseRefusedError(reason)));
      } else if (was === 'open') {
        onFault(reason);
      }
    };
    thread.on('message', (message: FromWriterThread) => {
      if (message.kind === 'loaded') {
        state = 'opening';
      } else if (message.kind === 'opened') {
        state = 'open';
        resolve(host);
      } else if (message.kind !== 'closed') {
        lose(message.reason);
      }
    });
    /** Called if the thread gave no reason: an imported module threw later, or ended the thread. */
    const failWithoutReason = (reason: string): void =>
      lose(state === 'loading' && module !== null ? cannotBeLoaded(module, reason) : reason);
    thread.on('error', (error) => failWithoutReason(toSent(error).message));
    thread.on('exit', () => failWithoutReason('The writer thread ended.'));
  });
}
