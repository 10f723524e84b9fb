/** Releases expired holds: polls on a reader, and calls the writer only if a hold is due. */

import { orderReads } from '../database/order-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import { RELEASE_SWEEP_ORDERS } from '../limits.ts';
import type { Clock } from '../split/clock.ts';

/** Resolves once no hold is due or the queue refuses. False if the database refuses. */
export async function releaseDueHolds(db: ShopDatabase, clock: Clock): Promise<boolean> {
  while ((orderReads(db).nextHoldExpiresAt() ?? Number.POSITIVE_INFINITY) <= clock.now()) {
    const outcome = await db.submit({ kind: 'releaseDue', orders: RELEASE_SWEEP_ORDERS });
    if (outcome.kind !== 'released_due' || outcome.orders === 0) return outcome.kind !== 'command_failed';
  }
  return true;
}
