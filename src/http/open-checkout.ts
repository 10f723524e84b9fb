/** Leads the buyer of an order to its checkout at a provider, and opens one if there is none. */
import { reconcileCheckout, reconcileCheckoutsOf } from '../background/reconcile-checkout.ts';
import type { OpenCheckout } from '../database/money-reads.ts';
import { moneyReads } from '../database/money-reads.ts';
import { itemsText } from '../domain/named-items.ts';
import type { Language } from '../pages/messages.ts';
import { payClosedPage } from '../pages/pay-choice-page.ts';
import { type Checkout, type PaymentProvider, ProviderError } from '../payments/provider.ts';
import type { Deps } from './deps.ts';
import { findPayableOrder, isPayable, type PayableOrder } from './payable-order.ts';
import { problem, refuse } from './problem.ts';
import { seeOther } from './see-other.ts';

const openCheckouts = (orderId: number, provider: PaymentProvider, { db }: Deps): OpenCheckout[] =>
  moneyReads(db)
    .openCheckoutsOfOrder(orderId)
    .filter((checkout) => checkout.provider === provider.name);

/**
 * The checkout that a buyer can still use. An expired one may have been paid, or a bank may still
 * be processing it: no new one is opened before the provider says that it is final. Rejects with
 * `ProviderError`.
 */
async function usableCheckout(
  orderId: number,
  provider: PaymentProvider,
  deps: Deps,
): Promise<OpenCheckout | undefined> {
  const open = openCheckouts(orderId, provider, deps);
  const usable = open.find(({ expiresAt }) => expiresAt > deps.clock.now());
  if (usable) return usable;
  for (const checkout of open) await reconcileCheckout(checkout, deps);
  if (openCheckouts(orderId, provider, deps).length > 0)
    throw new ProviderError(provider.name, 'checkout_pending');
  return undefined;
}

const requestCheckout = (
  provider: PaymentProvider,
  { orderId, ref, amount, currency, title, items, holdExpiresAt }: PayableOrder,
  { db, ids, clock, publicUrl }: Deps,
): Promise<Checkout> =>
  provider.checkout({
    orderId: ref,
    orderCode: ids.orderCode(orderId),
    amount,
    currency,
    description: `${title}, ${itemsText(items)}`,
    expiresAt: holdExpiresAt,
    successUrl: `${publicUrl()}/o/${ref}?from=paid`,
    cancelUrl: `${publicUrl()}/o/${ref}?from=cancelled`,
    now: clock.now(),
    opened: moneyReads(db).checkoutsOpened(orderId, provider.name),
  });

/** Ends a checkout that lost a race with another click; no buyer was sent to it. */
async function endUnused(provider: PaymentProvider, reference: string, { log }: Deps): Promise<void> {
  try {
    await provider.closeCheckout(reference);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    log.warn(
      { provider: provider.name, code: error.code },
      'a checkout that no buyer was sent to could not be ended',
    );
  }
}

/**
 * Resolves with the address of the order's checkout: this one, or that of another click which was
 * first.
 */
async function recordCheckout(
  orderId: number,
  provider: PaymentProvider,
  checkout: Checkout,
  deps: Deps,
): Promise<string | Response> {
  const { db } = deps;
  const { reference, url, expiresAt } = checkout;
  const outcome = await db.submit({
    kind: 'recordCheckout',
    orderId,
    provider: provider.name,
    reference,
    url,
    expiresAt,
  });
  if (outcome.kind !== 'done' && outcome.kind !== 'checkout_open') return refuse(outcome);
  // A payment there counts for the order that the checkout was opened for.
  const owner = moneyReads(db).orderOfCheckout(provider.name, reference);
  if (outcome.kind === 'checkout_open' && owner === null) await endUnused(provider, reference, deps);
  else if (owner !== orderId) throw new ProviderError(provider.name, 'checkout_of_another_order', true);
  return outcome.kind === 'checkout_open' ? outcome.url : url;
}

/** Ends a checkout that was opened while its order ended, unseen by the code that ended it. */
async function endLateCheckout(orderId: number, deps: Deps): Promise<void> {
  try {
    await reconcileCheckoutsOf(orderId, deps);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    // Its row stays open, so the next reconciliation ends it.
    deps.log.warn({ code: error.code }, 'a checkout of an order that has ended could not be ended');
  }
}

/** Redirects to the order's open checkout, or to a new one. Rejects with `ProviderError`. */
export async function redirectToCheckout(
  provider: PaymentProvider,
  order: PayableOrder,
  language: Language,
  deps: Deps,
): Promise<Response> {
  const { orderId, ref } = order;
  const known = await usableCheckout(orderId, provider, deps);
  if (known) return seeOther(known.url);
  const before = findPayableOrder(ref, deps);
  if (before && !isPayable(before)) return payClosedPage(before, language);
  const checkout = await requestCheckout(provider, order, deps);
  // On disk before the buyer is redirected, so that no payment is lost.
  const url = await recordCheckout(orderId, provider, checkout, deps);
  if (url instanceof Response) return url;
  const after = findPayableOrder(ref, deps);
  if (!after) return problem('not_found');
  if (isPayable(after)) return seeOther(url);
  // A hold that has only run out is released next, which also ends its checkouts.
  if (after.status !== 'held') await endLateCheckout(orderId, deps);
  return payClosedPage(after, language);
}
