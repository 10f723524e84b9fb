/** The writer thread: owns the writing connection, and answers batches after their COMMIT. */

import { parentPort, workerData } from 'node:worker_threads';
import { createCheckpointer, type FromCopyThread, type ToCopyThread } from './checkpoint.ts';
import type { OpenCommands } from './commands.ts';
import type { SqliteConnection } from './connection.ts';
import { createIdentityCheck } from './file-identity.ts';
import { createGroupCommit } from './group-commit.ts';
import { FOREIGN_COMMIT_POLL_MS, TRANSACTION_TIMEOUT_MS } from './limits.ts';
import { loadCommands } from './load-commands.ts';
import { notWrittenBecause } from './not-written.ts';
import { openMigrated } from './open-file.ts';
import { reserveIndex } from './reserve-shm.ts';
import { type ServerLock, takeServerLock } from './server-lock.ts';
import type { RunStatements } from './statements.ts';
import { systemClock } from './system-clock.ts';
import { startThread } from './thread.ts';
import { type LinkedBatch, WriterLinks } from './writer-links.ts';
import type { FromWriterThread, ToWriterThread, WriterThreadSettings } from './writer-protocol.ts';
import { WriterTransactions } from './writer-transactions.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
const send = (message: FromWriterThread): void => port.postMessage(message);
const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${String(error.code)}: ${error.message}` : error.message;
};

// The application's own types end at its module: here a command can be anything.
type Item = unknown;

function serve(
  connection: SqliteConnection,
  commands: OpenCommands<Item, unknown, unknown>,
  lock: ServerLock,
  {
    connection: connectionSettings,
    lastCommit,
    transactionTimeoutMs = TRANSACTION_TIMEOUT_MS,
  }: WriterThreadSettings,
): void {
  const { file } = connectionSettings;
  const groupCommit = createGroupCommit(connection, commands, () => performance.now());
  const checkIdentity = createIdentityCheck(file, `${file}-wal`);
  const copyThread = startThread(new URL('./checkpoint-thread.ts', import.meta.url), connectionSettings);
  commands.warmUp?.(Date.now());
  const postToCopyThread = (message: ToCopyThread): void => copyThread.postMessage(message);
  const checkpointer = createCheckpointer(connection, () => postToCopyThread('copy'));
  let hasCommitted = false;
  let waitingBatches: LinkedBatch<Item>[] = [];
  const waitingWork: (() => void)[] = [];
  let hasFailed = false;

  /** The reason for a fault: a missing file explains any error on it. */
  const reasonOf = (error: unknown): string => {
    try {
      checkIdentity();
      return describe(error);
    } catch (cause) {
      return describe(cause);
    }
  };
  // After a fault the state of this connection is unknown, so nothing more is done with it, not
  // even a close.
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

  const commit = (batches: readonly LinkedBatch<Item>[]): void => {
    const [first, ...others] = batches;
    // Fast path: reuse the array when there is only one batch.
    const items = first && others.length === 0 ? first.commands : batches.flatMap((batch) => batch.commands);
    const committed = groupCommit.commit(items as readonly RunStatements[], Date.now());
    // Check after the commit, so that no write to a removed or replaced file is acknowledged.
    checkIdentity();
    links.answer(batches, committed, checkpointer.walPages(), Date.now());
    hasCommitted = true;
    checkpointer.afterCommit();
    if (commands.deletes && items.some(commands.deletes)) checkpointer.emptyLog();
  };
  /** Commits or refuses: a full disk or a taken lock means that nothing was done. */
  const answer = (batches: readonly LinkedBatch<Item>[]): void => {
    try {
      if (links.hasSpace) commit(batches);
      else links.refuse(batches, 'disk_full');
    } catch (error) {
      const why = notWrittenBecause(error);
      if (why === null) throw error;
      if (why === 'disk_full') links.setSpace(false);
      links.refuse(batches, why);
    }
  };
  const links = new WriterLinks<Item, unknown, unknown>(lastCommit, {
    onBatch: (batch) =>
      guarded(() => {
        waitingBatches.push(batch);
        waitingBatches.push(...links.takeWaiting(batch.port));
        advance();
      }),
    onStep: (from, step) =>
      guarded(() => {
        transactions.receive(from, step);
        advance();
      }),
    onClose: (from) => guarded(() => transactions.drop(from)),
  });
  const transactions = new WriterTransactions<unknown>({
    timeoutMs: transactionTimeoutMs,
    clock: systemClock,
    hasSpace: () => links.hasSpace,
    begin: () => groupCommit.begin(Date.now()),
    onHeld(isHeld) {
      links.setHeld(isHeld);
      if (!isHeld) setImmediate(() => guarded(advance));
    },
    onCommitted(update) {
      checkIdentity();
      links.broadcast(update);
      hasCommitted = true;
      checkpointer.afterCommit();
    },
    onDiskFull: () => links.setSpace(false),
    send: (to, message) => links.send(to, message),
  });
  /** Does waiting work, in turns: all batches together, then the next transaction. */
  const advance = (): void => {
    while (!transactions.isOpen) {
      for (const work of waitingWork.splice(0)) work();
      if (checkpointer.mustWait()) return;
      if (waitingBatches.length > 0) {
        const batches = waitingBatches;
        waitingBatches = [];
        answer(batches);
      } else if (!transactions.beginNext()) {
        return;
      }
    }
  };
  /** Runs `work` between transactions: inside one no checkpoint is possible, and no state final. */
  const outsideOfTransactions = (work: () => void): void => {
    waitingWork.push(work);
    advance();
  };
  copyThread.on('message', (message: FromCopyThread) =>
    guarded(() => {
      if (message.kind === 'opened') {
        // Pages copied into another file would be missing in this one once the log is overwritten.
        checkIdentity();
        send({ kind: 'opened' });
        return;
      }
      outsideOfTransactions(() => {
        checkpointer.afterCopy();
        links.reportCheckpoint(message.tookMs, checkpointer.walPages());
      });
    }),
  );
  copyThread.on('error', fail);
  if (!reserveIndex(connection, file)) links.setSpace(false);
  const poll = setInterval(
    () =>
      guarded(() => {
        checkIdentity();
        lock.keep();
        if (transactions.isOpen) return;
        if (!links.hasSpace) {
          // A checkpoint frees pages of the WAL, even on a full disk.
          checkpointer.atRest();
          if (groupCommit.hasSpace() && reserveIndex(connection, file)) links.setSpace(true);
          return;
        }
        if (hasCommitted) {
          hasCommitted = false;
          return;
        }
        const update = groupCommit.foreignUpdate();
        if (update !== null) links.broadcast(update);
        checkpointer.atRest();
      }),
    FOREIGN_COMMIT_POLL_MS,
  );

  port.on('message', (message: ToWriterThread) =>
    guarded(() => {
      if (message.kind === 'attach') {
        outsideOfTransactions(() => links.attach(message.port, commands.state()));
        return;
      }
      clearInterval(poll);
      transactions.end();
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
      postToCopyThread('close');
    }),
  );
}

const settings: WriterThreadSettings = workerData;
let lock: ServerLock | null = null;
try {
  const openCommands = await loadCommands(settings.commands);
  send({ kind: 'loaded' });
  // Take the lock before opening the file, so that two servers never open it together.
  lock = takeServerLock(settings.connection.file);
  const connection = openMigrated(settings.connection, settings.migrationsFolder);
  try {
    serve(connection, openCommands(connection), lock, settings);
  } catch (error) {
    connection.close();
    throw error;
  }
} catch (error) {
  lock?.release();
  const reason = describe(error);
  // SQLite does not name the file that it cannot open.
  send({
    kind: 'refused',
    reason: reason.startsWith('SQLITE_') ? `${settings.connection.file}: ${reason}` : reason,
  });
}
