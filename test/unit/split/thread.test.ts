/** Threads and processes end only outside the load of native code, which would abort. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { machines } from '../../support/contract-server.ts';
import { root } from '../../support/server-process.ts';
import { sized } from '../../support/suite.ts';

/** The number of threads ended at random moments. */
const threads = sized(60, 15);

interface Trial {
  code: number | null;
  /** The signal that ended the process. */
  signal: string | null;
  printed: string;
  complaints: string;
}

const run = (runtime: string, trial: string): Promise<Trial> =>
  new Promise((resolve) => {
    const args = [join(root, 'test/unit/split/thread-trials/main.ts'), trial, String(threads)];
    const child = execFile(
      join(root, 'node_modules/.bin', runtime),
      args,
      { cwd: root },
      (_, printed, complaints) =>
        resolve({ code: child.exitCode, signal: child.signalCode, printed, complaints }),
    );
  });

const cleanEnd = { code: 0, signal: null, complaints: '' };

describe.each(machines)('a process on %s', (runtime) => {
  test('ends a thread once it has loaded', async () => {
    const trial = await run(runtime, 'its thread is ended');
    expect(trial).toEqual({ ...cleanEnd, printed: 'loaded ended' });
  });

  test('exits once its thread has loaded', async () => {
    const trial = await run(runtime, 'it exits');
    expect(trial).toEqual({ ...cleanEnd, code: 7, printed: 'loaded ' });
  });

  test('loads native code in no thread while the lock is held', async () => {
    const trial = await run(runtime, 'it holds the lock');
    // The termination reaches the thread after the lock's release, and not before.
    expect(trial).toEqual({ ...cleanEnd, printed: 'timed-out loaded ' });
  });

  test('ends threads at any moment of their start', async () => {
    const trial = await run(runtime, 'threads are ended at any moment of their start');
    expect(trial).toEqual({ ...cleanEnd, printed: expect.stringMatching(/all ended$/) });
  });
});
