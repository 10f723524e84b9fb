/** A thread that loads native code slowly, and reports when. */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { withNativeLock } from '../../../../src/split/workarounds/native-lock.ts';

export interface SlowStart {
  isReached: Int32Array;
  loadMs: number;
}
const { isReached, loadMs }: SlowStart = workerData;
Atomics.store(isReached, 0, 1);
Atomics.notify(isReached, 0);

withNativeLock(() => {
  parentPort?.postMessage('loading');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, loadMs);
  writeSync(1, 'loaded ');
});
parentPort?.postMessage('loaded');
// Until it is ended.
setInterval(() => undefined, 1_000);
