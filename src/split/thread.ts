/** Starts a thread. On Node, its imports are as fast as those of the main thread. */
import { basename } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { entryOf } from './program-files.ts';
import { threadOptions } from './workarounds/eval-flag.ts';
import { withNativeLock } from './workarounds/native-lock.ts';

/** A thread that may be terminated at any moment of its start. */
class Thread extends Worker {
  override terminate(): Promise<number> {
    return withNativeLock(() => super.terminate());
  }
}

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
    ...threadOptions(),
  });
