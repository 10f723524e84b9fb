/** Starts a thread of this process: on Node its imports are as quick as those of the main one. */
import { Worker, type WorkerOptions } from 'node:worker_threads';

const quickImports = new URL('./quick-imports.ts', import.meta.url).href;

/** `entry` finds `data` as its `workerData`. */
export const startThread = (
  entry: URL,
  data: unknown,
  { transferList = [] }: Pick<WorkerOptions, 'transferList'> = {},
): Worker =>
  new Worker(entry, {
    workerData: data,
    transferList,
    ...(process.versions.bun === undefined && {
      execArgv: [...process.execArgv, '--import', quickImports],
    }),
  });
