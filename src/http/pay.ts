/**
 * GET /pay/:ref: redirects the buyer to the payment provider; the only route that opens checkouts.
 */
import type { Context } from 'hono';
import { reconcileCheckout, reconcileCheckoutsOf } from '../background/reconcile-checkout.ts';
import type { OpenCheckout } from '../database/money-reads.ts';
import { moneyReads } from '../database/money-reads.ts';
import type { Language } from '../pages/messages.ts';
import { payChoicePage, payClosedPage, payUnavailablePage } from '../pages/pay-choice-page.ts';
import { chargingProviders, whyUnchargeable } from '../payments/chargeable.ts';
import { type PaymentProvider, ProviderError } from '../payments/provider.ts';
import type { Deps } from './deps.ts';
import { languageOf } from './language.ts';
import { publicOperations } from './operation.ts';
import { findPayableOrder, type PayableOrder } from './payable-order.ts';
import { problem, refuse } from './problem.ts';
import { publicRoutes } from './public-routes.ts';

const found = (url: string): Response =>
  new Response(null, { status: 303, headers: { location: url, 'cache-control': 'no-store' } });

const isPayable = ({ status, isHoldOver }: PayableOrder): boolean => status === 'held' && !isHoldOver;

export const payOperations = publicOperations([
  {
    id: 'openPayPage',
    method: 'get',
    path: '/pay/:ref',
    tag: 'Payments',
    summary: 'Open the payment page (`payment.url`), which leads to the provider’s checkout',
    access: 'public',
    answers: [
      {
        status: 200,
        description: 'A page with the choice of providers, or with the state of the order.',
        type: 'text/html',
      },
      { status: 303, description: 'Redirect to the provider’s checkout.' },
      {
        status: 410,
        description: 'A page: the order is already paid, or its hold has ended.',
        type: 'text/html',
      },
      { status: 503, description: 'A page: the provider is unavailable.', type: 'text/html' },
    ],
    refusals: ['not_found', 'no_provider'],
    isLimited: true,
  },
]);

// Not in POST /purchase: a provider takes part of a second and allows a hundred calls, too slow and
// too few for a stampede.
export function payRoutes(deps: Deps) {
  const { db, ids, clock, log, providers, publicUrl } = deps;

  /** Ends a checkout that was opened while its order ended, unseen by the code that ended it. */
  const endLateCheckout = async (orderId: number): Promise<void> => {
    try {
      await reconcileCheckoutsOf(orderId, deps);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      // Its row stays open, so the next reconciliation ends it.
      log.warn({ code: error.code }, 'a checkout of an order that has ended could not be ended');
    }
  };

  const openCheckouts = (orderId: number, provider: PaymentProvider): OpenCheckout[] =>
    moneyReads(db)
      .openCheckoutsOfOrder(orderId)
      .filter((checkout) => checkout.provider === provider.name);

  /**
   * The checkout that a buyer can still use. An expired one may have been paid, or a bank may still
   * be processing it: no new one is opened before the provider says that it is final. Rejects with
   * `ProviderError`.
   */
  const usableCheckout = async (
    orderId: number,
    provider: PaymentProvider,
  ): Promise<OpenCheckout | undefined> => {
    const open = openCheckouts(orderId, provider);
    const usable = open.find(({ expiresAt }) => expiresAt > clock.now());
    if (usable) return usable;
    for (const checkout of open) await reconcileCheckout(checkout, deps);
    if (openCheckouts(orderId, provider).length > 0)
      throw new ProviderError(provider.name, 'checkout_pending');
    return undefined;
  };

  /** Ends a checkout that lost a race with another click; no buyer was sent to it. */
  const endUnused = async (provider: PaymentProvider, reference: string): Promise<void> => {
    try {
      await provider.closeCheckout(reference);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      log.warn(
        { provider: provider.name, code: error.code },
        'a checkout that no buyer was sent to could not be ended',
      );
    }
  };

  /** Redirects to the order's open checkout, or to a new one. Rejects with `ProviderError`. */
  const openAt = async (
    provider: PaymentProvider,
    order: PayableOrder,
    language: Language,
  ): Promise<Response> => {
    const { orderId, ref, amount, currency } = order;
    const known = await usableCheckout(orderId, provider);
    if (known) return found(known.url);
    const before = findPayableOrder(ref, deps);
    if (before && !isPayable(before)) return payClosedPage(before, language);
    const checkout = await provider.checkout({
      orderId: ref,
      orderCode: ids.orderCode(orderId),
      amount,
      currency,
      description: `${order.title}, ${order.itemName}`,
      expiresAt: order.holdExpiresAt,
      successUrl: `${publicUrl()}/o/${ref}?from=paid`,
      cancelUrl: `${publicUrl()}/o/${ref}?from=cancelled`,
      now: clock.now(),
      opened: moneyReads(db).checkoutsOpened(orderId, provider.name),
    });
    const { reference, url, expiresAt } = checkout;
    // On disk before the buyer is redirected, so that no payment is lost.
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
    if (outcome.kind === 'checkout_open' && owner === null) await endUnused(provider, reference);
    else if (owner !== orderId) throw new ProviderError(provider.name, 'checkout_of_another_order', true);
    const after = findPayableOrder(ref, deps);
    if (!after) return problem('not_found');
    if (isPayable(after)) return found(outcome.kind === 'checkout_open' ? outcome.url : url);
    // A hold that has only run out is released next, which also ends its checkouts.
    if (after.status !== 'held') await endLateCheckout(orderId);
    return payClosedPage(after, language);
  };

  /** Ends a hold that no provider can charge, and shows the buyer why. */
  const release = async (
    { orderId, ref }: PayableOrder,
    refused: { provider: string; code: string },
    language: Language,
  ): Promise<Response> => {
    const outcome = await db.submit({ kind: 'releaseUnpayable', orderId, ...refused });
    // With another status the order was paid meanwhile, and the page shows that.
    if (outcome.kind !== 'done' && outcome.kind !== 'wrong_status') return refuse(outcome);
    const after = findPayableOrder(ref, deps);
    return after ? payClosedPage(after, language) : problem('not_found');
  };

  /** Redirects to the chosen provider, or to the next one if it refuses the order for good. */
  const redirectTo = async (
    chosen: PaymentProvider,
    order: PayableOrder,
    language: Language,
  ): Promise<Response> => {
    const { ref, amount, currency } = order;
    const others = chargingProviders(providers, amount, currency).filter((other) => other !== chosen);
    let refused = { provider: chosen.name, code: '' };
    for (const provider of [chosen, ...others]) {
      try {
        return await openAt(provider, order, language);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        refused = { provider: provider.name, code: error.code };
        if (!error.isFinal) {
          log.warn(refused, 'a payment provider opened no checkout');
          return payUnavailablePage(order, language, clock.now());
        }
        log.warn({ ...refused, order: ref }, 'a payment provider refused an order for good');
      }
    }
    return release(order, refused, language);
  };

  const openPayPage = (c: Context): Response | Promise<Response> => {
    const order = findPayableOrder(c.req.param('ref') ?? '', deps);
    if (!order) return problem('not_found');
    if (!isPayable(order)) return payClosedPage(order, languageOf(c));
    const able = chargingProviders(providers, order.amount, order.currency);
    const chosen = c.req.query('with');
    const provider = able.length === 1 ? able[0] : able.find(({ name }) => name === chosen);
    if (provider) return redirectTo(provider, order, languageOf(c));
    return able.length > 0
      ? payChoicePage(
          order,
          able.map(({ name }) => name),
          languageOf(c),
        )
      : problem('no_provider', {
          detail: whyUnchargeable(providers, order.amount, order.currency) ?? '',
        });
  };
  return publicRoutes(payOperations, { openPayPage });
}
