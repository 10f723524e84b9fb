/** The thread that creates or verifies a backup, and reports its progress and result. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { makeBackup } from './backup.ts';
import type { FileJob, FromFileThread } from './backup-work.ts';
import type { FileProgress } from './check-copy.ts';
import { copyProven } from './restore.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
// Give purchases priority when cores are busy. On Linux, 0 means this thread; elsewhere it would
// mean the whole process.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);
const job: FileJob = workerData;
const send = (message: FromFileThread): void => port.postMessage(message);

/** Maximum number of progress reports per step: a report for each chunk would be too many. */
const REPORTS_PER_STEP = 50;
let lastReport = '';
const report = (progress: FileProgress): void => {
  const { step, done, total } = progress;
  const text = `${step} ${Math.floor((done / Math.max(1, total)) * REPORTS_PER_STEP)}`;
  if (text === lastReport) return;
  lastReport = text;
  send({ kind: 'progress', progress });
};

try {
  send({
    kind: 'ended',
    result: job.kind === 'backup' ? makeBackup(job, Date.now(), report) : copyProven(job, report),
  });
} catch (error) {
  send({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
}
