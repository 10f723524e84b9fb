/** Tells the operator of a payment that was not recorded. */
import type { Store } from '../database/store.ts';
import type { Log } from '../log.ts';
import type { PaymentEvent } from '../payments/provider.ts';
import type { Ignored } from '../payments/record-payment.ts';

/** Counts it, but for a Worker, which keeps no counts. One that is ours is an error: no unit and no refund answers it until the operator acts. */
export function noteIgnored(
  { reason }: Ignored,
  { reference, status }: PaymentEvent,
  provider: string,
  { metrics, log }: { metrics?: Store['metrics']; log: Log },
): void {
  // The sandbox signs with SECRET_KEY itself: an order that the key cannot read is made up, and no money came.
  const isOurs = reason === 'unreadable' && provider !== 'sandbox';
  metrics?.count('stampede_payments_ignored_total', isOurs ? 'unreadable' : 'foreign');
  if (isOurs && status === 'paid')
    log.error(
      { provider, reference },
      'a payment names an order that SECRET_KEY cannot read: was it changed?',
    );
}
