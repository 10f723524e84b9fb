/** Times WAL checkpoints: in the background by size or when idle. At the cap, the writer waits. */

import type { SqliteConnection } from './connection.ts';
import { copyIfSpace } from './disk-full.ts';
import { CHECKPOINT_CAP_PAGES, CHECKPOINT_START_PAGES } from './limits.ts';

// Reading the WAL's state costs as much as a statement; the bounds allow for the commits in
// between.
const COMMITS_PER_CHECK = 32;

interface WalState {
  busy: number;
  /** Pages in the WAL, and how many of them are already copied into the file. */
  log: number;
  checkpointed: number;
}

/** A request from the writer thread to the thread that copies the WAL. */
export type ToCopyThread = 'copy' | 'close';

export type FromCopyThread = { kind: 'opened' } | { kind: 'copied'; tookMs: number };

export interface Checkpointer {
  /** Call this after each commit: starts a copy when the WAL has grown enough. */
  afterCommit(): void;
  /** Whether to commit nothing until `afterCopy`: the WAL is at its cap, and a copy is running. */
  mustWait(): boolean;
  /** Copies the rest of the WAL. Call this when nothing has been committed for a while. */
  atRest(): void;
  /**
   * Empties the WAL at an idle moment. Call this after personal data was deleted: the WAL still has
   * it.
   */
  emptyLog(): void;
  /**
   * Copies the short tail that was written during a background copy. Call this when that has ended.
   */
  afterCopy(): void;
  /** Empties the WAL for a clean shutdown, if the disk has space for its content. */
  truncate(): void;
  /** Pages in the WAL when its state was last read. */
  walPages(): number;
}

/** In pages of the WAL. */
interface CheckpointBounds {
  startPages: number;
  capPages: number;
}

const defaultBounds = { startPages: CHECKPOINT_START_PAGES, capPages: CHECKPOINT_CAP_PAGES };

/**
 * A checkpoint on the writer thread would stall every write behind it. So another thread copies the
 * bulk, and the writer only the tail; SQLite then restarts the WAL by itself. `startCopy` asks that
 * thread for a copy, and its answer calls `afterCopy`.
 */
export function createCheckpointer(
  connection: SqliteConnection,
  startCopy: () => void,
  { startPages, capPages }: CheckpointBounds = defaultBounds,
): Checkpointer {
  const state = connection.prepare<[], WalState>('PRAGMA wal_checkpoint(NOOP)');
  const passive = connection.prepare<[], WalState>('PRAGMA wal_checkpoint(PASSIVE)');
  const empty = connection.prepare<[], WalState>('PRAGMA wal_checkpoint(TRUNCATE)');
  let isCopying = false;
  let mustEmptyLog = false;
  let commitsUntilCheck = COMMITS_PER_CHECK;
  let seen: WalState = { busy: 0, log: 0, checkpointed: 0 };
  let waitAtPages = capPages;

  const check = (): void => {
    seen = state.get() ?? seen;
    commitsUntilCheck = COMMITS_PER_CHECK;
  };
  const copyIfMoreThan = (pages: number): void => {
    if (isCopying || seen.log - seen.checkpointed <= pages) return;
    isCopying = true;
    // A long read holds back the copy, and the WAL grows beyond its cap. Once the read has ended
    // there is much to copy. The writer goes on meanwhile, for another quarter of the cap, instead
    // of waiting for a backlog that it did not cause.
    waitAtPages = Math.max(capPages, seen.log + capPages / 4);
    startCopy();
  };

  /**
   * Empties the WAL unless a reader uses it: waiting for the reader would delay a write, and the
   * next idle moment is soon enough.
   */
  const emptyWithoutWaiting = (): void => {
    const waitMs = connection.pragma('busy_timeout', { simple: true });
    connection.pragma('busy_timeout = 0');
    copyIfSpace(connection, () => {
      mustEmptyLog = empty.get()?.busy !== 0;
    });
    connection.pragma(`busy_timeout = ${waitMs}`);
    check();
  };

  return {
    walPages: () => seen.log,
    afterCommit() {
      commitsUntilCheck -= 1;
      if (commitsUntilCheck > 0) return;
      check();
      copyIfMoreThan(startPages);
    },
    mustWait: () => isCopying && seen.log >= waitAtPages,
    atRest() {
      check();
      copyIfMoreThan(0);
      if (mustEmptyLog && !isCopying) emptyWithoutWaiting();
    },
    emptyLog() {
      mustEmptyLog = true;
    },
    afterCopy() {
      isCopying = false;
      const before = seen;
      check();
      const hasMoved = seen.checkpointed > before.checkpointed || seen.log < before.log;
      if (seen.log - seen.checkpointed <= startPages) {
        copyIfSpace(connection, () => passive.get());
        check();
      } else if (hasMoved) {
        // The copy took so long that the tail is long too. If nothing was copied, the next check is
        // soon enough.
        copyIfMoreThan(startPages);
      }
    },
    truncate: () => {
      copyIfSpace(connection, () => connection.pragma('wal_checkpoint(TRUNCATE)'));
    },
  };
}
