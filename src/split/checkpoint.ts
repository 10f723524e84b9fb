/** When the WAL is copied back into the file: in the background at a size or at rest, and with the writer waiting at the cap. */

import type { SqliteConnection } from './connection.ts';
import { copyWhereThereIsRoom } from './disk-full.ts';
import { CHECKPOINT_CAP_PAGES, CHECKPOINT_START_PAGES } from './limits.ts';

// A look costs as much as a statement, and the bounds leave room for what comes between two of them.
const COMMITS_PER_LOOK = 32;

interface WalState {
  busy: number;
  /** Pages in the WAL, and how many of them are in the file already. */
  log: number;
  checkpointed: number;
}

/** From the writer's thread to the one that copies the WAL: what to do next. */
export type ToCopyThread = 'copy' | 'close';

export type FromCopyThread = { kind: 'opened' } | { kind: 'copied'; tookMs: number };

export interface Checkpointer {
  /** To be called after each commit: starts a copy where the WAL has grown enough. */
  afterCommit(): void;
  /** The WAL is at its cap and a copy runs that can make room: commit nothing before `afterCopy`. */
  mustWait(): boolean;
  /** To be called when nothing has been committed for a while: copies what is left. */
  atRest(): void;
  /** Somebody was erased: what the WAL has of him must go when nothing has been committed for a while. */
  forget(): void;
  /** The background copy has ended: the writer copies the tail that was written meanwhile, where it is short. */
  afterCopy(): void;
  /** Empties the WAL for a clean end, where there is room for what it holds. */
  truncate(): void;
  /** Pages in the WAL at the last look. */
  walPages(): number;
}

/** In pages of the WAL. */
interface CheckpointBounds {
  startPages: number;
  capPages: number;
}

const defaultBounds = { startPages: CHECKPOINT_START_PAGES, capPages: CHECKPOINT_CAP_PAGES };

/**
 * A checkpoint on the writer's thread would stall every write behind it, so another thread copies the bulk, and the
 * writer only the tail, after which SQLite starts the WAL anew by itself. `startCopy` asks that thread; it answers by
 * `afterCopy`.
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
  let mustForget = false;
  let commitsUntilLook = COMMITS_PER_LOOK;
  let seen: WalState = { busy: 0, log: 0, checkpointed: 0 };
  let waitAtPages = capPages;

  const look = (): void => {
    seen = state.get() ?? seen;
    commitsUntilLook = COMMITS_PER_LOOK;
  };
  const copyIfMoreThan = (pages: number): void => {
    if (isCopying || seen.log - seen.checkpointed <= pages) return;
    isCopying = true;
    // A long read holds the copy back, and the WAL beyond its cap. Once the read has ended there is much to copy: the writer
    // goes on meanwhile, as far as a quarter of the cap, instead of standing still for pages that were never its own fault.
    waitAtPages = Math.max(capPages, seen.log + capPages / 4);
    startCopy();
  };

  /** Empties the WAL unless a reader is in it: waiting for one would hold up a write, and the next idle moment is soon enough. */
  const emptyWithoutWaiting = (): void => {
    const waitMs = connection.pragma('busy_timeout', { simple: true });
    connection.pragma('busy_timeout = 0');
    copyWhereThereIsRoom(connection, () => {
      mustForget = empty.get()?.busy !== 0;
    });
    connection.pragma(`busy_timeout = ${waitMs}`);
    look();
  };

  return {
    walPages: () => seen.log,
    afterCommit() {
      commitsUntilLook -= 1;
      if (commitsUntilLook > 0) return;
      look();
      copyIfMoreThan(startPages);
    },
    mustWait: () => isCopying && seen.log >= waitAtPages,
    atRest() {
      look();
      copyIfMoreThan(0);
      if (mustForget && !isCopying) emptyWithoutWaiting();
    },
    forget() {
      mustForget = true;
    },
    afterCopy() {
      isCopying = false;
      const before = seen;
      look();
      const hasMoved = seen.checkpointed > before.checkpointed || seen.log < before.log;
      if (seen.log - seen.checkpointed <= startPages) {
        copyWhereThereIsRoom(connection, () => passive.get());
        look();
      } else if (hasMoved) {
        // The copy took so long that its tail is no short one. Where it got nowhere, the next look is soon enough.
        copyIfMoreThan(startPages);
      }
    },
    truncate: () => {
      copyWhereThereIsRoom(connection, () => connection.pragma('wal_checkpoint(TRUNCATE)'));
    },
  };
}
