/** The writer's thread: owns the one connection that writes, and answers each batch after its COMMIT. */
import { parentPort, workerData } from 'node:worker_threads';
import { createCheckpointer, type FromCopyThread, type ToCopyThread } from '../../split/checkpoint.ts';
import type { SqliteConnection } from '../../split/connection.ts';
import { DiskFullError } from '../../split/disk-full.ts';
import { FileBusyError } from '../../split/file-busy.ts';
import { keepInPlace } from '../../split/file-in-place.ts';
import { FOREIGN_COMMIT_POLL_MS } from '../../split/limits.ts';
import { reserveIndex } from '../../split/reserve-shm.ts';
import { type ServerLock, takeServerLock } from '../../split/server-lock.ts';
import { startThread } from '../../split/thread.ts';
import { beginGeneration } from './begin-generation.ts';
import { createBatchCommitter } from './commit-batch.ts';
import { openMigrated } from './open-file.ts';
import { type LinkedBatch, WriterLinks } from './writer-links.ts';
import type { FromWriterThread, ToWriterThread, WriterThreadSettings } from './writer-protocol.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
const send = (message: FromWriterThread): void => port.postMessage(message);
const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${String(error.code)}: ${error.message}` : error.message;
};

function serve(connection: SqliteConnection, lock: ServerLock, settings: WriterThreadSettings): void {
  const committer = createBatchCommitter(connection, () => performance.now(), beginGeneration(connection));
  const mustBeInPlace = keepInPlace(settings.file, `${settings.file}-wal`);
  const copyThread = startThread(new URL('../../split/checkpoint-thread.ts', import.meta.url), settings);
  if (settings.warmUpHolds > 0) committer.rehearse(settings.warmUpHolds, Date.now());
  const tellCopyThread = (message: ToCopyThread): void => copyThread.postMessage(message);
  const checkpointer = createCheckpointer(connection, () => tellCopyThread('copy'));
  let hasCommitted = false;
  let waitingBatches: LinkedBatch[] = [];
  let hasFailed = false;

  /** What fails on a file that is gone fails for that, whatever it says. */
  const reasonOf = (error: unknown): string => {
    try {
      mustBeInPlace();
      return describe(error);
    } catch (cause) {
      return describe(cause);
    }
  };
  // After a fault nothing on this connection may be believed, so nothing more is done with it, not even a close.
  const fail = (error: unknown): void => {
    hasFailed = true;
    clearInterval(poll);
    const reason = reasonOf(error);
    links.fail(reason);
    send({ kind: 'fault', reason });
  };
  const guarded = (work: () => void): void => {
    if (hasFailed) return;
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };

  const commit = (batches: readonly LinkedBatch[]): void => {
    const [first, ...others] = batches;
    // The usual case shares the array as it came.
    const commands =
      first && others.length === 0 ? first.commands : batches.flatMap((batch) => batch.commands);
    const committed = committer.commit(commands, Date.now());
    // After the commit, so that nothing is acknowledged that stands in a file without a name.
    mustBeInPlace();
    links.answer(batches, committed, checkpointer.walPages(), Date.now());
    hasCommitted = true;
    checkpointer.afterCommit();
    if (commands.some(({ kind }) => kind === 'eraseCustomer')) checkpointer.forget();
  };
  /** Commits, or refuses: for want of room or of the lock nothing was done, and nothing is unknown. */
  const answer = (batches: readonly LinkedBatch[]): void => {
    try {
      if (links.hasRoom) commit(batches);
      else links.refuse(batches, 'disk_full');
    } catch (error) {
      if (!(error instanceof DiskFullError || error instanceof FileBusyError)) throw error;
      const isFull = error instanceof DiskFullError;
      if (isFull) links.tellRoom(false);
      links.refuse(batches, isFull ? 'disk_full' : 'busy');
    }
  };
  const links = new WriterLinks(settings.lastCommit, (batch) =>
    guarded(() => {
      const batches = [batch, ...links.takeWaiting(batch.port)];
      if (checkpointer.mustWait()) waitingBatches.push(...batches);
      else answer(batches);
    }),
  );
  copyThread.on('message', (message: FromCopyThread) =>
    guarded(() => {
      if (message.kind === 'opened') {
        // What it copied into any other file would be lost to this one, and the log begins anew over what was copied.
        mustBeInPlace();
        send({ kind: 'opened' });
        return;
      }
      checkpointer.afterCopy();
      links.tellCheckpoint(message.tookMs, checkpointer.walPages());
      if (waitingBatches.length === 0) return;
      const batches = waitingBatches;
      waitingBatches = [];
      answer(batches);
    }),
  );
  copyThread.on('error', fail);
  if (!reserveIndex(connection, settings.file)) links.tellRoom(false);
  const poll = setInterval(
    () =>
      guarded(() => {
        mustBeInPlace();
        lock.keep();
        if (!links.hasRoom) {
          // What is copied makes room in the WAL, even where there is none on the disk.
          checkpointer.atRest();
          if (committer.hasRoom() && reserveIndex(connection, settings.file)) links.tellRoom(true);
          return;
        }
        if (hasCommitted) {
          hasCommitted = false;
          return;
        }
        const changes = committer.foreignChanges();
        if (changes.length > 0) links.tell(changes, committer.lastSeq());
        checkpointer.atRest();
      }),
    FOREIGN_COMMIT_POLL_MS,
  );

  port.on('message', (message: ToWriterThread) =>
    guarded(() => {
      if (message.kind === 'attach') {
        links.attach(message.port, committer.catalogue(), committer.lastSeq());
        return;
      }
      clearInterval(poll);
      copyThread.once('exit', () =>
        guarded(() => {
          checkpointer.truncate();
          connection.close();
          lock.release();
          links.close();
          send({ kind: 'closed' });
          port.close();
        }),
      );
      tellCopyThread('close');
    }),
  );
}

const settings: WriterThreadSettings = workerData;
try {
  // Before the file is looked at: what another server does with it is nothing to look at.
  const lock = takeServerLock(settings.file);
  serve(openMigrated(settings), lock, settings);
} catch (error) {
  send({ kind: 'refused', reason: describe(error) });
}
