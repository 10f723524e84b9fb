/** Ends a thread, or itself, while the thread loads native code; the arguments select the trial. */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startThread } from '../../../../src/split/thread.ts';
import { withNativeLock } from '../../../../src/split/workarounds/native-lock.ts';
import type { SlowStart } from './slow-thread.ts';

const LOAD_MS = 300;
/** Longer than the start of a thread. */
const HELD_MS = 1_000;

const [, , trial = '', threads] = process.argv;
const isReached = new Int32Array(new SharedArrayBuffer(4));
const start = (loadMs = LOAD_MS) => {
  const data: SlowStart = { isReached, loadMs };
  return startThread(new URL('./slow-thread.ts', import.meta.url), data);
};

const trials: Record<string, () => Promise<void>> = {
  async 'its thread is ended'() {
    const thread = start();
    await once(thread, 'message');
    await thread.terminate();
    writeSync(1, 'ended');
  },

  async 'it exits'() {
    await once(start(), 'message');
    process.exit(7);
  },

  async 'it holds the lock'() {
    const thread = withNativeLock(() => {
      const held = start();
      writeSync(1, `${Atomics.wait(isReached, 0, 0, HELD_MS)} `);
      return held;
    });
    await once(thread, 'message');
    await thread.terminate();
  },

  async 'threads are ended at any moment of their start'() {
    const begunMs = performance.now();
    const first = start(0);
    await once(first, 'message');
    await first.terminate();
    const startMs = performance.now() - begunMs;
    for (let count = 0; count < Number(threads); count += 1) {
      const thread = start(0);
      await sleep(startMs * Math.random());
      await thread.terminate();
    }
    writeSync(1, 'all ended');
  },
};

await trials[trial]?.();
