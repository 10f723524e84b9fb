/** When the WAL is copied back into the file: in the background at a size or at rest, and with the writer waiting at the cap. */
import { CHECKPOINT_CAP_PAGES, CHECKPOINT_START_PAGES } from '../../limits.ts';
import type { SqliteConnection } from './connection.ts';

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

  const pagesToCopy = (): number => {
    const { log, checkpointed } = state.get() ?? { log: 0, checkpointed: 0 };
    return log - checkpointed;
  };
  const copyIfMoreThan = (pages: number): void => {
    if (isCopying || pagesToCopy() <= pages) return;
    isCopying = true;
    startCopy();
  };

  return {
    walPages: () => state.get()?.log ?? 0,
    afterCommit: () => copyIfMoreThan(CHECKPOINT_START_PAGES),
    mustWait: () => isCopying && (state.get()?.log ?? 0) >= CHECKPOINT_CAP_PAGES,
    atRest: () => copyIfMoreThan(0),
    afterCopy() {
      isCopying = false;
      passive.get();
    },
    truncate: () => {
      connection.pragma('wal_checkpoint(TRUNCATE)');
    },
  };
}
