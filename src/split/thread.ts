/** Starts a thread; on Node its imports are as quick as those of the main thread. */
import { basename } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { withNativeLock } from './native-lock.ts';
import { entryOf } from './program-files.ts';

/** A thread that may be terminated at any moment of its start. */
class Thread extends Worker {
  override terminate(): Promise<number> {
    return withNativeLock(() => super.terminate());
  }
}

/**
 * Whether an argument is the one of `node --input-type=module -e …`: a thread refuses to start with
 * it, and accepts all others of the process.
 */
const isForText = (argument: string): boolean => argument.startsWith('--input-type');

/** Starts the source file at the URL `entry`, which receives `data` as its `workerData`. */
export const startThread = (
  entry: URL,
  data: unknown,
  { transferList = [] }: Pick<WorkerOptions, 'transferList'> = {},
): Worker =>
  // In `argv`, not `execArgv`: a thread accepts no options there that apply to the whole process.
  new Thread(entryOf(new URL('./quick-thread.ts', import.meta.url)), {
    // As `top -H` shows it, for example `writer-thread`.
    name: basename(entry.pathname, '.ts'),
    workerData: data,
    transferList,
    argv: [entryOf(entry).href],
    ...(process.execArgv.some(isForText) && { execArgv: [] }),
  });
