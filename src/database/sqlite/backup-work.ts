/** Starts the thread of a backup or a restore, reports its progress, and ends it. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupOutcome } from '../../domain/backup.ts';
import { BACKUP_POLL_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import { startThread } from '../../split/thread.ts';
import { type BackupJob, removePartial } from './backup.ts';
import type { CheckedCopy, FileProgress, ReportProgress } from './check-copy.ts';
import type { RestoreJob } from './restore.ts';

export type FileJob = BackupJob | RestoreJob;
export type ResultOf<J extends FileJob> = J extends BackupJob ? BackupOutcome : CheckedCopy;

export type FromFileThread =
  | { kind: 'progress'; progress: FileProgress }
  | { kind: 'ended'; result: BackupOutcome | CheckedCopy }
  | { kind: 'failed'; reason: string };

/** The work was refused or interrupted; the message gives the reason. */
class FileWorkError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'FileWorkError';
  }
}

export interface FileWork<J extends FileJob> {
  /** Rejects with `FileWorkError`. */
  done: Promise<ResultOf<J>>;
  /** Interrupts the work and removes what is incomplete. Does nothing once the work has ended. */
  end(): Promise<void>;
}

const partialOf = (job: FileJob): string =>
  job.kind === 'backup' ? join(job.folder, job.partial) : job.partial;

/** `report` is called at intervals, even while SQLite copies and the thread cannot report. */
export function startFileWork<J extends FileJob>(job: J, clock: Clock, report?: ReportProgress): FileWork<J> {
  const thread = startThread(new URL('./backup-thread.ts', import.meta.url), job);
  const partial = partialOf(job);
  let copied: FileProgress | null = null;
  const stopPolling = clock.every(BACKUP_POLL_MS, () => {
    if (!report || !copied) return;
    const done = statSync(partial, { throwIfNoEntry: false })?.size ?? 0;
    report({ ...copied, done: Math.min(done, copied.total) });
  });
  let hasEnded = false;
  const done = new Promise<ResultOf<J>>((resolve, reject) => {
    const fail = (reason: string): void => reject(new FileWorkError(reason));
    thread.on('message', (message: FromFileThread) => {
      switch (message.kind) {
        case 'progress':
          copied = job.kind === 'backup' && message.progress.step === 'copying' ? message.progress : null;
          return report?.(message.progress);
        case 'ended':
          hasEnded = true;
          // The thread answers each kind of job with its own kind of result.
          return resolve(message.result as ResultOf<J>);
        case 'failed':
          hasEnded = true;
          return fail(message.reason);
      }
    });
    thread.on('error', (error) => fail(error.message));
    thread.on('exit', () => {
      stopPolling();
      fail('it was interrupted');
    });
  });
  return {
    done,
    async end() {
      if (hasEnded) return;
      // Clean up at once, for a caller that cannot wait until SQLite returns, …
      removePartial(partial);
      await thread.terminate();
      // … and again, for files created in between.
      removePartial(partial);
    },
  };
}
