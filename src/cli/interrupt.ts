/** Handles Ctrl-C during long file work: removes partial files. */
import type { FileJob, FileWork, ResultOf } from '../database/sqlite/backup-work.ts';
import { say } from './output.ts';

const signals = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Waits for the work, then calls `finish`, which must not be interrupted. A signal before that
 * aborts the work, cleans up and ends the process; a second signal ends it at once.
 */
export async function untilDone<J extends FileJob, R>(
  work: FileWork<J>,
  finish: (result: ResultOf<J>) => R,
): Promise<R> {
  const handlers = Object.entries(signals).map(([signal, exitCode]) => {
    const handle = (): void => {
      stop();
      say('Aborting.');
      void work.end().finally(() => process.exit(exitCode));
    };
    return [signal, handle] as const;
  });
  const stop = (): void => {
    for (const [signal, handle] of handlers) process.off(signal, handle);
  };
  for (const [signal, handle] of handlers) process.on(signal, handle);
  try {
    return finish(await work.done);
  } finally {
    stop();
  }
}
