/** Keeps releasing holds that are over: looks on a reader, and asks the writer only where there is something to do. */
import type { Clock } from '../clock.ts';
import type { Store } from '../database/store.ts';
import { RELEASE_SWEEP_INTERVAL_MS, RELEASE_SWEEP_ORDERS } from '../limits.ts';

/** Returns the function that ends it. */
export function sweepDueHolds(store: Store, clock: Clock): () => void {
  let isSweeping = false;
  const sweep = async (): Promise<void> => {
    while ((store.reads.nextHoldExpiresAt() ?? Number.POSITIVE_INFINITY) <= clock.now()) {
      const outcome = await store.submit({ kind: 'releaseDue', orders: RELEASE_SWEEP_ORDERS });
      // Refused by the queue, or nothing was due after all: the next tick looks again.
      if (outcome.kind !== 'released_due' || outcome.orders === 0) return;
    }
  };
  return clock.every(RELEASE_SWEEP_INTERVAL_MS, () => {
    if (isSweeping) return;
    isSweeping = true;
    void sweep().finally(() => {
      isSweeping = false;
    });
  });
}
