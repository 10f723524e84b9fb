/** The thread of one long read: opens its own read-only connection and works only when it is asked for the next part. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openReader } from '../../split/connection.ts';
import { LONG_READ_REST_FACTOR, LONG_READ_REST_MAX_MS } from '../../split/limits.ts';
import { certifyInSteps } from '../audit/certificate.ts';
import { ordersCsv } from '../orders-csv.ts';
import { countByStatus } from '../tallies.ts';
import { rowsOf } from './file-rows.ts';
import { unfinishedSince } from './forget.ts';
import { idsOfFile } from './ids-of-file.ts';
import type { LongReadJob, LongReadPart } from './long-reads.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
// Purchases go first wherever cores are short. Only Linux means this thread by 0; elsewhere it would be the whole process.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);
const job: LongReadJob = workerData;
const connection = openReader(job.connection);
const rows = rowsOf(connection);

/** Undefined stands for a step that has nothing to send yet. */
type Steps = Generator<LongReadPart | undefined>;

function* certificateOf(dropId: number): Steps {
  const [certificate] = yield* certifyInSteps(rows, Date.now(), dropId);
  yield certificate ?? null;
}

const encoder = new TextEncoder();
function* csvOf(dropId: number): Steps {
  const ids = idsOfFile(connection, job.secretKey);
  const shown = { id: (orderId: number) => ids.order({ dropId, orderId }), number: ids.orderNumber };
  for (const text of ordersCsv(rows, dropId, shown)) yield encoder.encode(text);
}

function* talliesOf(): Steps {
  const userVersion = Number(connection.pragma('user_version', { simple: true }));
  yield { ...countByStatus(rows), deletionUnfinishedSince: unfinishedSince(userVersion) };
}

const steps = {
  certify: () => certificateOf(job.dropId),
  exportOrders: () => csvOf(job.dropId),
  tallies: talliesOf,
}[job.kind]();
let restUntilMs = 0;
const sendNext = (): void => {
  const begunMs = performance.now();
  const step = steps.next();
  const endedMs = performance.now();
  restUntilMs = endedMs + Math.min((endedMs - begunMs) * LONG_READ_REST_FACTOR, LONG_READ_REST_MAX_MS);
  if (step.done) port.postMessage(null);
  else if (step.value === undefined) setTimeout(sendNext, restUntilMs - performance.now());
  else port.postMessage(step.value);
};
port.on('message', () => {
  const restMs = restUntilMs - performance.now();
  if (restMs > 0) setTimeout(sendNext, restMs);
  else sendNext();
});
