/** Queries the state of one checkout, and records its payments as their webhooks would. */

import type { OpenCheckout } from '../database/money-reads.ts';
import { moneyReads } from '../database/money-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import type { Ids } from '../ids/ids.ts';
import { CHECKOUT_PENDING_MAX_MS, CHECKOUT_UNASKABLE_MAX_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import {
  CHECKOUT_UNKNOWN,
  type PaymentProvider,
  ProviderError,
  UNREADABLE_ANSWER,
} from '../payments/provider.ts';
import type { Clock } from '../split/clock.ts';
import type { CommandFailed } from '../split/refusal.ts';
import { submitPayment } from './ignored-payment.ts';

export interface ReconcileDeps {
  db: ShopDatabase;
  ids: Ids;
  providers: ReadonlyMap<string, PaymentProvider>;
  clock: Clock;
  log: Log;
}

const NOT_CONFIGURED = 'not_configured';
/** The outcome of a value that the database refuses. */
const COMMAND_FAILED: CommandFailed['kind'] = 'command_failed';

/** Whether querying again is useless until an operator changes the configuration. */
const isUnaskable = ({ code }: ProviderError): boolean =>
  code === NOT_CONFIGURED || code === CHECKOUT_UNKNOWN;

/**
 * How long after the checkout's end an error may last; unlimited if the provider may only be down.
 */
function patienceMs(error: ProviderError): number {
  if (isUnaskable(error)) return CHECKOUT_UNASKABLE_MAX_MS;
  const isLasting = error.isFinal || error.code === UNREADABLE_ANSWER || error.code === COMMAND_FAILED;
  return isLasting ? CHECKOUT_PENDING_MAX_MS : Number.POSITIVE_INFINITY;
}

/** Resolves with the number of new payments, and whether no more events can follow. */
async function ask(
  checkout: OpenCheckout,
  deps: ReconcileDeps,
): Promise<{ payments: number; isFinal: boolean }> {
  const { providers } = deps;
  const { reference } = checkout;
  const provider = providers.get(checkout.provider);
  if (!provider) throw new ProviderError(checkout.provider, NOT_CONFIGURED);
  if (checkout.orderStatus !== 'held') await provider.closeCheckout(reference);
  const { isFinal, events, hasUnreadable } = await provider.queryCheckout(reference);
  let payments = 0;
  for (const event of events) {
    const outcome = await submitPayment(event, provider.name, deps);
    if (outcome.kind === 'payment_recorded') payments += event.status === 'paid' ? 1 : 0;
    else if (outcome.kind !== 'payment_known' && outcome.kind !== 'ignored')
      throw new ProviderError(provider.name, outcome.kind);
  }
  if (hasUnreadable) throw new ProviderError(provider.name, UNREADABLE_ANSWER);
  return { payments, isFinal };
}

/**
 * First ends the checkout if its order no longer awaits payment. Resolves with the number of new
 * payments. Rejects with `ProviderError` if the provider, or our own writer, does not answer now. A
 * checkout that never ends is queried for a limited time only: a later payment is still recorded
 * from its webhook.
 */
export async function reconcileCheckout(checkout: OpenCheckout, deps: ReconcileDeps): Promise<number> {
  const { db, clock, log } = deps;
  const close = () => db.submit({ kind: 'closeCheckout', checkoutId: checkout.id });
  const isOlderThan = (ageMs: number): boolean => clock.now() > checkout.expiresAt + ageMs;
  const giveUp = async (code: string): Promise<void> => {
    log.error(
      { provider: checkout.provider, reference: checkout.reference, code },
      'a checkout was given up',
    );
    await close();
  };
  try {
    const { payments, isFinal } = await ask(checkout, deps);
    if (isFinal) await close();
    else if (isOlderThan(CHECKOUT_PENDING_MAX_MS)) await giveUp('never_ended');
    return payments;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (isOlderThan(patienceMs(error))) await giveUp(error.code);
    throw error;
  }
}

/** Settles all open checkouts of one order; a failure does not skip the others. */
export async function reconcileCheckoutsOf(orderId: number, deps: ReconcileDeps): Promise<void> {
  const failures: ProviderError[] = [];
  for (const checkout of moneyReads(deps.db).openCheckoutsOfOrder(orderId)) {
    try {
      await reconcileCheckout(checkout, deps);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      // The reconciliation queries it again; a retry now would fail alike.
      if (isUnaskable(error))
        deps.log.warn({ provider: checkout.provider, code: error.code }, 'a checkout could not be ended');
      else failures.push(error);
    }
  }
  if (failures[0]) throw failures[0];
}
