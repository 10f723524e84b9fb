/** Follows the log and ends the checkouts of orders that wait for no money any more. */
import type { Follower } from './follower.ts';
import { type SettleDeps, settleCheckoutsOf } from './settle-checkout.ts';

/**
 * Once a hold is over, or paid for at one of several providers, nobody should be able to pay for it elsewhere. What was
 * paid in the meantime is found by the same look.
 */
export const checkoutCloser = (deps: SettleDeps): Follower => ({
  name: 'checkouts',
  kinds: new Set(['released', 'paid']),
  async deliver({ orderId }) {
    if (orderId !== null) await settleCheckoutsOf(orderId, deps);
    return 'done';
  },
});
