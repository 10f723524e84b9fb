/** Starts a thread of this process: on Node its imports are as quick as those of the main one. */
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** `entry` finds `data` as its `workerData`. */
export const startThread = (
  entry: URL,
  data: unknown,
  { transferList = [] }: Pick<WorkerOptions, 'transferList'> = {},
): Worker =>
  process.versions.bun === undefined
    ? // By its arguments, and not by Node's own: no thread takes those that are of the process.
      new Worker(new URL('./quick-thread.ts', import.meta.url), {
        workerData: data,
        transferList,
        argv: [entry.href],
      })
    : new Worker(entry, { workerData: data, transferList });
