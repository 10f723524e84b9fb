/** Queries the providers about open checkouts, disputes and refunds, in case a webhook was lost. */
import { moneyReads } from '../database/money-reads.ts';
import type { Reconciliation } from '../domain/reconciliation.ts';
import { RECONCILE_CONCURRENCY, RECONCILE_PAGE_CHECKOUTS } from '../limits.ts';
import { ProviderError } from '../payments/provider.ts';
import { type ReconcileDeps, reconcileCheckout } from './reconcile-checkout.ts';
import { reconcileMovements } from './reconcile-movements.ts';

/** Returns the function that runs a reconciliation. Calls during a run share the next run. */
export function createReconciliation(deps: ReconcileDeps): () => Promise<Reconciliation> {
  const { db, log } = deps;
  let running: Promise<Reconciliation> | null = null;
  let waiting: Promise<Reconciliation> | null = null;

  const run = async (): Promise<Reconciliation> => {
    const result: Reconciliation = { checkouts: 0, payments: 0, movements: 0, failed: 0 };
    for (let afterId = 0; ; ) {
      const page = moneyReads(db).openCheckouts(afterId, RECONCILE_PAGE_CHECKOUTS);
      const next = page.values();
      const askNext = async (): Promise<void> => {
        for (const checkout of next) {
          result.checkouts += 1;
          try {
            // Awaited first: `result.payments += await …` would lose additions made meanwhile.
            const found = await reconcileCheckout(checkout, deps);
            result.payments += found;
          } catch (error) {
            if (!(error instanceof ProviderError)) throw error;
            result.failed += 1;
            log.warn({ provider: checkout.provider, code: error.code }, 'a checkout could not be queried');
          }
        }
      };
      await Promise.all(Array.from({ length: RECONCILE_CONCURRENCY }, askNext));
      const last = page.at(-1);
      if (!last) break;
      afterId = last.id;
    }
    // After the payments that they are about.
    const { movements, failed } = await reconcileMovements(deps);
    return { ...result, movements, failed: result.failed + failed };
  };

  const begin = (): Promise<Reconciliation> => {
    running = run().finally(() => {
      running = null;
    });
    return running;
  };
  return () => {
    if (!running) return begin();
    // The current run may have queried a checkout before it was paid, so a call during it waits for
    // the next run.
    waiting ??= Promise.allSettled([running]).then(() => {
      waiting = null;
      return begin();
    });
    return waiting;
  };
}
