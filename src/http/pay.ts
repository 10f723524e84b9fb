/**
 * GET /pay/:id: redirects the buyer to the payment provider; the only route that opens checkouts.
 */
import type { Context } from 'hono';
import type { Language } from '../pages/messages.ts';
import { payChoicePage, payClosedPage, payUnavailablePage } from '../pages/pay-choice-page.ts';
import { chargingProviders, whyUnchargeable } from '../payments/chargeable.ts';
import { type PaymentProvider, ProviderError } from '../payments/provider.ts';
import type { Deps } from './deps.ts';
import { languageOf } from './language.ts';
import { redirectToCheckout } from './open-checkout.ts';
import { publicOperations } from './operation.ts';
import { findPayableOrder, isPayable, type PayableOrder } from './payable-order.ts';
import { problem, refuse } from './problem.ts';
import { publicRoutes } from './public-routes.ts';

/** The path of an order’s payment page, which the sandbox answers itself. */
export const payPath = '/pay/:id';

export const payOperations = publicOperations([
  {
    id: 'openPayPage',
    method: 'get',
    path: payPath,
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

/** Ends a hold that no provider can charge, and shows the buyer why. */
async function releaseUnpayable(
  { orderId, ref }: PayableOrder,
  refused: { provider: string; code: string },
  language: Language,
  deps: Deps,
): Promise<Response> {
  const outcome = await deps.db.submit({ kind: 'releaseUnpayable', orderId, ...refused });
  // With any other outcome, the order was paid in the meantime, and the page shows that.
  if (outcome.kind !== 'done' && outcome.kind !== 'wrong_status') return refuse(outcome);
  const after = findPayableOrder(ref, deps);
  return after ? payClosedPage(after, language) : problem('not_found');
}

/** Redirects to the chosen provider, or to the next one if it refuses the order for good. */
async function redirectToProvider(
  chosen: PaymentProvider,
  able: readonly PaymentProvider[],
  order: PayableOrder,
  language: Language,
  deps: Deps,
): Promise<Response> {
  const { clock, log } = deps;
  let refused = { provider: chosen.name, code: '' };
  for (const provider of [chosen, ...able.filter((other) => other !== chosen)]) {
    try {
      return await redirectToCheckout(provider, order, language, deps);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      refused = { provider: provider.name, code: error.code };
      if (!error.isFinal) {
        log.warn(refused, 'a payment provider opened no checkout');
        return payUnavailablePage(order, language, clock.now());
      }
      log.warn({ ...refused, order: order.ref }, 'a payment provider refused an order for good');
    }
  }
  return releaseUnpayable(order, refused, language, deps);
}

// Not in POST /purchase: a provider takes part of a second and allows a hundred calls, too slow and
// too few for a stampede.
function openPayPage(c: Context, deps: Deps): Response | Promise<Response> {
  const { providers } = deps;
  const order = findPayableOrder(c.req.param('id') ?? '', deps);
  if (!order) return problem('not_found');
  const language = languageOf(c);
  if (!isPayable(order)) return payClosedPage(order, language);
  const { amount, currency } = order;
  const able = chargingProviders(providers, amount, currency);
  if (able.length === 0)
    return problem('no_provider', { detail: whyUnchargeable(providers, amount, currency) ?? '' });
  const names = able.map(({ name }) => name);
  const chosen = able.length === 1 ? able[0] : able.find(({ name }) => name === c.req.query('with'));
  return chosen
    ? redirectToProvider(chosen, able, order, language, deps)
    : payChoicePage(order, names, language);
}

export const payRoutes = (deps: Deps) =>
  publicRoutes(payOperations, { openPayPage: (c) => openPayPage(c, deps) });
