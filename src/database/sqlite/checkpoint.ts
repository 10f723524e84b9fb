/** When the WAL is copied back into the file: in the background at a size or at rest, and with the writer waiting at the cap. */
import { CHECKPOINT_CAP_PAGES, CHECKPOINT_START_PAGES } from '../../limits.ts';
import type { SqliteConnection } from './connection.ts';

// A look costs as much as a statement, and the bounds leave room for what comes between two of them.
const COMMITS_PER_LOOK = 32;

interface WalState {
  busy: number;
  /** Pages in the WAL, and how many of them are in the file already. */
  log: number;
  checkpointed: number;
}

export interface Checkpointer {
  /** To be called after each commit: starts a copy where the WAL has grown enough. */
  afterCommit(): void;
  /** The WAL is at its cap and a copy runs: commit nothing before `afterCopy`. */
  mustWait(): boolean;
  /** To be called when nothing has been committed for a while: copies what is left. */
  atRest(): void;
  /** The background copy has ended: the writer copies the short tail that was written meanwhile. */
  afterCopy(): void;
  /** Empties the WAL for a clean end. */
  truncate(): void;
  /** Pages in the WAL at the last look. */
  walPages(): number;
}

/**
 * A checkpoint on the writer's thread would stall every purchase behind it, so another thread copies the bulk, and the
 * writer only the tail, after which SQLite starts the WAL anew by itself. `startCopy` asks that thread; it answers by
 * `afterCopy`.
 */
export function createCheckpointer(connection: SqliteConnection, startCopy: () => void): Checkpointer {
  const state = connection.prepare<[], WalState>('PRAGMA wal_checkpoint(NOOP)');
  const passive = connection.prepare<[], WalState>('PRAGMA wal_checkpoint(PASSIVE)');
  let isCopying = false;
  let commitsUntilLook = COMMITS_PER_LOOK;
  let seen: WalState = { busy: 0, log: 0, checkpointed: 0 };

  const look = (): void => {
    seen = state.get() ?? seen;
    commitsUntilLook = COMMITS_PER_LOOK;
  };
  const copyIfMoreThan = (pages: number): void => {
    if (isCopying || seen.log - seen.checkpointed <= pages) return;
    isCopying = true;
    startCopy();
  };

  return {
    walPages: () => seen.log,
    afterCommit() {
      commitsUntilLook -= 1;
      if (commitsUntilLook > 0) return;
      look();
      copyIfMoreThan(CHECKPOINT_START_PAGES);
    },
    mustWait: () => isCopying && seen.log >= CHECKPOINT_CAP_PAGES,
    atRest() {
      look();
      copyIfMoreThan(0);
    },
    afterCopy() {
      isCopying = false;
      passive.get();
      look();
    },
    truncate: () => {
      connection.pragma('wal_checkpoint(TRUNCATE)');
    },
  };
}
