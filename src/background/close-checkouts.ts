/** Follows the log and ends the checkouts of orders that wait for no money any more. */
import type { Follower } from './follow.ts';
import { type SettleDeps, settleCheckout } from './settle-checkout.ts';

/**
 * Once a hold is over, or paid for at one of several providers, nobody should be able to pay for it elsewhere. What was
 * paid in the meantime is found by the same look.
 */
export const checkoutCloser = (deps: SettleDeps): Follower => ({
  name: 'checkouts',
  kinds: new Set(['released', 'paid']),
  async deliver({ orderId }) {
    if (orderId === null) return 'done';
    for (const checkout of deps.store.reads.openCheckoutsOfOrder(orderId)) {
      await settleCheckout(checkout, deps);
    }
    return 'done';
  },
});
