/** Releases expired holds periodically, one sweep at a time. */
import { releaseDueHolds } from '../background/release-due.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import { FAILED_COMMAND_REST_MS, RELEASE_SWEEP_INTERVAL_MS } from '../limits.ts';
import type { Clock } from '../split/clock.ts';

/** Returns the function that stops the sweeps. */
export function sweepDueHolds(db: ShopDatabase, clock: Clock): () => void {
  let isSweeping = false;
  let restsUntilMs = 0;
  const sweep = async (): Promise<void> => {
    if (!(await releaseDueHolds(db, clock))) restsUntilMs = clock.monotonicMs() + FAILED_COMMAND_REST_MS;
  };
  return clock.every(RELEASE_SWEEP_INTERVAL_MS, () => {
    if (isSweeping || clock.monotonicMs() < restsUntilMs) return;
    isSweeping = true;
    void sweep().finally(() => {
      isSweeping = false;
    });
  });
}
