/** The thread that copies the WAL into the file while the writer works, on its own connection. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromCopyThread, ToCopyThread } from './checkpoint.ts';
import { type ConnectionSettings, openCopier } from './connection.ts';
import { copyIfSpace } from './disk-full.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
const settings: ConnectionSettings = workerData;
const connection = openCopier(settings);
const copy = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');

const send = (message: FromCopyThread): void => port.postMessage(message);

port.on('message', (message: ToCopyThread) => {
  if (message === 'close') {
    connection.close();
    port.close();
    return;
  }
  const begunMs = performance.now();
  copyIfSpace(connection, () => copy.get());
  send({ kind: 'copied', tookMs: performance.now() - begunMs });
});
send({ kind: 'opened' });
