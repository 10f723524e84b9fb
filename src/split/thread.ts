/** Starts a thread of this process: on Node its imports are as quick as those of the main one. */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { withNativeLock } from './native-lock.ts';
import { entryOf } from './program-files.ts';

/** May be ended at any moment of its start. */
class Thread extends Worker {
  override terminate(): Promise<number> {
    return withNativeLock(() => super.terminate());
  }
}

/** Of `node --input-type=module -e …`: a thread refuses to start with it, and takes all others of the process as they are. */
const isForText = (argument: string): boolean => argument.startsWith('--input-type');

/** `entry` is the URL of a source file, which finds `data` as its `workerData`. */
export const startThread = (
  entry: URL,
  data: unknown,
  { transferList = [] }: Pick<WorkerOptions, 'transferList'> = {},
): Worker =>
  // By its arguments, and not by Node's own: no thread takes those that are of the process.
  new Thread(entryOf(new URL('./quick-thread.ts', import.meta.url)), {
    workerData: data,
    transferList,
    argv: [entryOf(entry).href],
    ...(process.execArgv.some(isForText) && { execArgv: [] }),
  });
