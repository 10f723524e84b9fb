/** Keeps releasing holds that are over, one look after the other. */
import { releaseDueHolds } from '../background/release-due.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../database/store.ts';
import { RELEASE_SWEEP_INTERVAL_MS } from '../limits.ts';

/** Returns the function that ends it. */
export function sweepDueHolds(store: Store, clock: Clock): () => void {
  let isSweeping = false;
  return clock.every(RELEASE_SWEEP_INTERVAL_MS, () => {
    if (isSweeping) return;
    isSweeping = true;
    void releaseDueHolds(store, clock).finally(() => {
      isSweeping = false;
    });
  });
}
