/**
 * Prevents that a thread ends while it loads SQLite's native code, which aborts the process.
 *
 * Upstream: https://github.com/WiseLibs/better-sqlite3/issues/1507, fixed for calls in 13.0.2, not
 *   for loading: node-addon-api ends the process (`FATAL ERROR: Error::New
 *   napi_get_last_error_info`) if a thread ends while a module registers itself.
 * Without it: of three processes that ended 400 threads at random moments of their start, two
 *   aborted (better-sqlite3 13.2, Node 24.21).
 * Test: test/unit/split/thread.test.ts
 * Remove it when: better-sqlite3 can be loaded in a thread that is terminated.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

const KEY = 'stampede:native-lock';
const FREE = 0;
const TAKEN = 1;
/** Loading takes a millisecond. A thread that held the lock for longer has died with it. */
const WAIT_MAX_MS = 2_000;

const word = ownOrInherited();

/** One word for the whole process: each thread inherits it from the thread that started it. */
function ownOrInherited(): Int32Array<SharedArrayBuffer> {
  const inherited = getEnvironmentData(KEY);
  if (inherited instanceof Int32Array) return inherited as Int32Array<SharedArrayBuffer>;
  const own = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  setEnvironmentData(KEY, own);
  // The end of the process ends every thread: from here on, none starts to load.
  process.once('exit', take);
  return own;
}

function take(): void {
  while (Atomics.compareExchange(word, 0, FREE, TAKEN) === TAKEN) {
    if (Atomics.wait(word, 0, TAKEN, WAIT_MAX_MS) === 'timed-out') return;
  }
}

/**
 * Runs `work` while no other thread of the process runs such work. Threads load and are terminated
 * under this lock. A thread acts on terminate() at its next function call, which is then before or
 * after the load.
 */
export function withNativeLock<T>(work: () => T): T {
  take();
  try {
    return work();
  } finally {
    Atomics.store(word, 0, FREE);
    Atomics.notify(word, 0);
  }
}
