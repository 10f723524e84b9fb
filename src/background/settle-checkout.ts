/** Asks a provider what became of one checkout, and records what it says as its webhook would have been. */
import type { OpenCheckout } from '../database/money-reads.ts';
import type { Store } from '../database/store.ts';
import type { Ids } from '../ids.ts';
import { type PaymentProvider, ProviderError } from '../payments/provider.ts';
import { recordPaymentOf } from '../payments/record-payment.ts';

export interface SettleDeps {
  store: Store;
  ids: Ids;
  providers: ReadonlyMap<string, PaymentProvider>;
}

/**
 * Ends the checkout first where its order waits for no money any more. Resolves with the number of payments that were
 * not known here. Rejects with `ProviderError` where the provider, or our own writer, can't be asked now.
 */
export async function settleCheckout(
  checkout: OpenCheckout,
  { store, ids, providers }: SettleDeps,
): Promise<number> {
  const { reference } = checkout;
  const provider = providers.get(checkout.provider);
  if (!provider) throw new ProviderError(checkout.provider, 'not_configured');
  if (checkout.orderStatus !== 'held') await provider.closeCheckout(reference);
  const { isFinal, events } = await provider.lookUp(reference);
  let payments = 0;
  for (const event of events) {
    const outcome = await store.submit(recordPaymentOf(event, provider.name, ids));
    if (outcome.kind === 'payment_recorded') payments += 1;
    else if (outcome.kind !== 'payment_known') throw new ProviderError(provider.name, outcome.kind);
  }
  if (isFinal) await store.submit({ kind: 'closeCheckout', checkoutId: checkout.id });
  return payments;
}

/** Settles what is open of one order, as `settleCheckout` does each. */
export async function settleCheckoutsOf(orderId: number, deps: SettleDeps): Promise<void> {
  for (const checkout of deps.store.reads.openCheckoutsOfOrder(orderId)) {
    await settleCheckout(checkout, deps);
  }
}
