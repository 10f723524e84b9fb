/** The writer's thread: owns the one connection that writes, and answers each batch after its COMMIT. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { Command } from '../../domain/command.ts';
import { FOREIGN_COMMIT_POLL_MS } from '../../limits.ts';
import { createCheckpointer } from './checkpoint.ts';
import { createBatchCommitter } from './commit-batch.ts';
import { openWriter, type SqliteConnection } from './connection.ts';
import { inspectFile, migrateFile } from './migrate.ts';
import {
  type FromWriter,
  fromWire,
  type ToWriter,
  toWire,
  type Wire,
  type WriterThreadSettings,
} from './writer-protocol.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
const send = (message: FromWriter): void => port.postMessage(toWire(message));
const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${String(error.code)}: ${error.message}` : error.message;
};

function openMigrated(settings: WriterThreadSettings): SqliteConnection {
  inspectFile(settings);
  const connection = openWriter(settings);
  try {
    migrateFile(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function serve(connection: SqliteConnection, settings: WriterThreadSettings): void {
  const committer = createBatchCommitter(connection);
  if (settings.warmUpHolds > 0) committer.rehearse(settings.warmUpHolds, Date.now());
  const copyThread = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), { workerData: settings });
  const checkpointer = createCheckpointer(connection, () => copyThread.postMessage('copy'));
  let hasCommitted = false;
  let waitingBatch: readonly Command[] | null = null;
  let hasFailed = false;

  // After a fault nothing on this connection may be believed, so nothing more is done with it, not even a close.
  const fail = (error: unknown): void => {
    hasFailed = true;
    clearInterval(poll);
    send({ kind: 'fault', reason: describe(error) });
  };
  const guarded = (work: () => void): void => {
    if (hasFailed) return;
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };

  const commit = (commands: readonly Command[]): void => {
    const { outcomes, changes } = committer.commit(commands, Date.now());
    send({ kind: 'committed', outcomes, changes, walPages: checkpointer.walPages() });
    hasCommitted = true;
    checkpointer.afterCommit();
  };
  copyThread.on('message', () =>
    guarded(() => {
      checkpointer.afterCopy();
      if (!waitingBatch) return;
      const commands = waitingBatch;
      waitingBatch = null;
      commit(commands);
    }),
  );
  copyThread.on('error', fail);
  const poll = setInterval(
    () =>
      guarded(() => {
        if (hasCommitted) {
          hasCommitted = false;
          return;
        }
        const changes = committer.foreignChanges();
        if (changes.length > 0) send({ kind: 'changed', changes });
        checkpointer.atRest();
      }),
    FOREIGN_COMMIT_POLL_MS,
  );

  port.on('message', (wire: Wire<ToWriter>) =>
    guarded(() => {
      const message = fromWire(wire);
      if (message.kind === 'batch') {
        if (checkpointer.mustWait()) waitingBatch = message.commands;
        else commit(message.commands);
        return;
      }
      clearInterval(poll);
      copyThread.once('exit', () =>
        guarded(() => {
          checkpointer.truncate();
          connection.close();
          send({ kind: 'closed' });
          port.close();
        }),
      );
      copyThread.postMessage('close');
    }),
  );
  send({ kind: 'ready', catalogue: committer.catalogue() });
}

const settings: WriterThreadSettings = workerData;
try {
  serve(openMigrated(settings), settings);
} catch (error) {
  send({ kind: 'refused', reason: describe(error) });
}
