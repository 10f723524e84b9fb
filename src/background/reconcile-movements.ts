/** Fetches the disputes and refunds of the last months, in case a webhook was lost. */
import { moneyReads } from '../database/money-reads.ts';
import { RECONCILE_DISPUTES_MAX, RECONCILE_MOVEMENTS_AGE_MS, RECONCILE_MOVEMENTS_MAX } from '../limits.ts';
import { type PaymentProvider, ProviderError } from '../payments/provider.ts';
import { recordMovementOf } from '../payments/record-movement.ts';
import { warnOfMismatch } from './mismatched-report.ts';
import type { ReconcileDeps } from './reconcile-checkout.ts';

/** Adds its findings to `result`, even if it then rejects with `ProviderError`. */
async function recordReports(
  provider: PaymentProvider,
  { db, ids, clock, log }: ReconcileDeps,
  result: { movements: number; failed: number },
): Promise<void> {
  const now = clock.now();
  let reports = 0;
  const open = moneyReads(db).openDisputes(provider.name, RECONCILE_DISPUTES_MAX);
  for await (const report of provider.movements?.(now - RECONCILE_MOVEMENTS_AGE_MS, now, open) ?? []) {
    // Its payment is recorded by now, or belongs to another shop with the same account, or to
    // another object.
    const outcome = await db.submit(recordMovementOf(report, provider.name, ids, false));
    if (outcome.kind === 'movement_recorded') {
      result.movements += outcome.effect === 'dispute' || outcome.effect === 'refund' ? 1 : 0;
      warnOfMismatch(report, outcome, provider.name, log);
    } else if (outcome.kind === 'command_failed') result.failed += 1;
    else if (outcome.kind !== 'payment_unknown' && outcome.kind !== 'drop_moved')
      throw new ProviderError(provider.name, outcome.kind);
    reports += 1;
    if (reports < RECONCILE_MOVEMENTS_MAX) continue;
    log.warn({ provider: provider.name }, 'a reconciliation stopped before the oldest disputes and refunds');
    break;
  }
}

/** Queries the providers one after the other; a failure does not skip the others. */
export async function reconcileMovements(
  deps: ReconcileDeps,
): Promise<{ movements: number; failed: number }> {
  const result = { movements: 0, failed: 0 };
  for (const provider of deps.providers.values()) {
    try {
      await recordReports(provider, deps, result);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      result.failed += 1;
      const facts = { provider: provider.name, code: error.code };
      deps.log.warn(facts, 'a provider did not answer about disputes and refunds');
    }
  }
  return result;
}
