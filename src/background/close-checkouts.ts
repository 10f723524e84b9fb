/** Expires checkouts whose order no longer awaits payment. */

import { type ReconcileDeps, reconcileCheckoutsOf } from './reconcile-checkout.ts';
import type { Subscriber } from './subscriber.ts';

/**
 * Once a hold has ended or was paid at one provider, its other checkouts must not accept payments.
 * The same query finds payments made in the meantime.
 */
export const checkoutCloser = (deps: ReconcileDeps): Subscriber => ({
  name: 'checkouts',
  kinds: new Set(['released', 'paid']),
  async deliver({ orderId }) {
    if (orderId !== null) await reconcileCheckoutsOf(orderId, deps);
    return 'done';
  },
});
