/** The thread that makes or proves a backup: it reports its progress and its result. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { makeBackup } from './backup.ts';
import type { FileJob, FromFileThread } from './backup-work.ts';
import type { FileProgress } from './check-copy.ts';
import { copyProven } from './restore.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
// Purchases go first when cores are short. On Linux, 0 means this thread; elsewhere it would mean
// the whole process.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);
const job: FileJob = workerData;
const send = (message: FromFileThread): void => port.postMessage(message);

/** Progress reports per step: thousands of chunks make no better bar than a few dozen. */
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
