/** Gives back the units of every hold that is over: looks on a reader, and asks the writer only where there is something to do. */

import { orderReads } from '../database/order-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import { RELEASE_SWEEP_ORDERS } from '../limits.ts';
import type { Clock } from '../split/clock.ts';

/** Resolves once no hold is due, or the queue refuses (the next poll continues). False if the database refuses. */
export async function releaseDueHolds(db: ShopDatabase, clock: Clock): Promise<boolean> {
  while ((orderReads(db).nextHoldExpiresAt() ?? Number.POSITIVE_INFINITY) <= clock.now()) {
    const outcome = await db.submit({ kind: 'releaseDue', orders: RELEASE_SWEEP_ORDERS });
    if (outcome.kind !== 'released_due' || outcome.orders === 0) return outcome.kind !== 'command_failed';
  }
  return true;
}
