/** A thread is ended, and so is the process, only before or after it loads native code: in between, the process would abort. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/server-process.ts';

interface Trial {
  code: number | null;
  /** By which the process was ended. */
  signal: string | null;
  printed: string;
}

const run = (runtime: string, trial: string): Promise<Trial> =>
  new Promise((resolve) => {
    const args = [join(root, 'test/unit/thread-trials/main.ts'), trial];
    const child = execFile(join(root, 'node_modules/.bin', runtime), args, { cwd: root }, (_, printed) =>
      resolve({ code: child.exitCode, signal: child.signalCode, printed }),
    );
  });

describe.each(['node', 'bun'])('a process on %s', (runtime) => {
  test('ends a thread once it has loaded', async () => {
    const trial = await run(runtime, 'its thread is ended');
    expect(trial).toEqual({ code: 0, signal: null, printed: 'loaded ended' });
  });

  test('exits once its thread has loaded', async () => {
    const trial = await run(runtime, 'it exits');
    expect(trial).toEqual({ code: 7, signal: null, printed: 'loaded ' });
  });

  test('has no thread that loads while somebody else must not be disturbed', async () => {
    const { printed } = await run(runtime, 'it holds the lock');
    // Nothing of the thread was reached while the lock was held.
    expect(printed).toMatch(/^timed-out /);
  });

  test('ends threads at any moment of their start', async () => {
    const trial = await run(runtime, 'threads are ended at any moment of their start');
    expect([trial.code, trial.signal]).toEqual([0, null]);
    expect(trial.printed).toMatch(/all ended$/);
  });
});
