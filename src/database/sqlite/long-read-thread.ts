/** The thread of one long read: opens its own read-only connection and works only when it is asked for the next part. */
import { parentPort, workerData } from 'node:worker_threads';
import { LONG_READ_REST_FACTOR } from '../../limits.ts';
import { certify } from './audit/certificate.ts';
import { openReader } from './connection.ts';
import type { LongReadJob, LongReadPart } from './long-reads.ts';
import { ordersCsv } from './orders-csv.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
const job: LongReadJob = workerData;
const connection = openReader(job.connection);

function* certificateOf(dropId: number): Generator<LongReadPart> {
  yield certify(connection, Date.now(), dropId)[0] ?? null;
}

const encoder = new TextEncoder();
function* csvOf(dropId: number): Generator<LongReadPart> {
  for (const text of ordersCsv(connection, dropId, job.secretKey)) yield encoder.encode(text);
}

const parts = job.kind === 'certify' ? certificateOf(job.dropId) : csvOf(job.dropId);
let restUntilMs = 0;
const sendNext = (): void => {
  const begunMs = performance.now();
  const part = parts.next();
  port.postMessage(part.done ? null : part.value);
  const endedMs = performance.now();
  restUntilMs = endedMs + (endedMs - begunMs) * LONG_READ_REST_FACTOR;
};
port.on('message', () => {
  const restMs = restUntilMs - performance.now();
  if (restMs > 0) setTimeout(sendNext, restMs);
  else sendNext();
});
