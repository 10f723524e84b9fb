/** Records a payment that a provider reports, or notifies the operator that it was not recorded. */

import { moneyReads } from '../database/money-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import type { RecordPayment } from '../domain/command.ts';
import type { DropMoved, Outcome } from '../domain/outcome.ts';
import type { Ids } from '../ids/ids.ts';
import type { Log } from '../log.ts';
import type { PaymentEvent } from '../payments/provider.ts';
import { type Ignored, recordPaymentOf } from '../payments/record-payment.ts';
import type { Clock } from '../split/clock.ts';

/**
 * Counts the payment, except on a Worker, which keeps no counts. A payment of ours is logged as an
 * error: it gets no unit and no refund until the operator acts.
 */
export function noteIgnored(
  { reason }: Ignored,
  { reference, status }: PaymentEvent,
  provider: string,
  { metrics, log }: { metrics?: ShopDatabase['metrics']; log: Log },
): void {
  // The sandbox signs with SECRET_KEY itself: an order that the key cannot read is made up, and no
  // money came.
  const isOurs = reason === 'unreadable' && provider !== 'sandbox';
  metrics?.count('stampede_payments_ignored_total', reason === 'unreadable' && !isOurs ? 'foreign' : reason);
  if (status !== 'paid') return;
  if (reason === 'moved')
    log.warn(
      { provider, reference },
      'a payment names an order of a drop that has moved; send this webhook to the new deployment',
    );
  if (reason === 'other_mark')
    log.error(
      { provider, reference },
      'a payment names an order of this SECRET_KEY that is not in the file, under another mark; find it at the provider and refund it there',
    );
  if (isOurs)
    log.error(
      { provider, reference },
      'a payment names an order that SECRET_KEY cannot read; check whether SECRET_KEY has changed',
    );
}

/** Marks an ignored payment as `moved` if its drop has moved: that deployment has another mark. */
function withMoved(ignored: Ignored, { order }: PaymentEvent, db: ShopDatabase, ids: Ids): Ignored {
  if (ignored.reason !== 'other_mark' || !('id' in order)) return ignored;
  const drop = db.snapshot.get(ids.dropOfOrder(order.id) ?? 0);
  return drop?.movedAt ? { kind: 'ignored', reason: 'moved' } : ignored;
}

/** Submits a reported payment. An ignored one is counted and logged. */
export async function submitPayment(
  event: PaymentEvent,
  provider: string,
  deps: { db: ShopDatabase; ids: Ids; log: Log; clock: Clock },
): Promise<Exclude<Outcome<RecordPayment>, DropMoved> | Ignored> {
  const { db, ids, log } = deps;
  const { orderOfCheckout } = moneyReads(db);
  const command = recordPaymentOf(event, provider, { ids, clock: deps.clock, orderOfCheckout });
  const outcome = command.kind === 'ignored' ? command : await db.submit(command);
  if (outcome.kind !== 'ignored' && outcome.kind !== 'drop_moved') return outcome;
  const ignored =
    outcome.kind === 'ignored'
      ? withMoved(outcome, event, db, ids)
      : ({ kind: 'ignored', reason: 'moved' } as const);
  noteIgnored(ignored, event, provider, { metrics: db.metrics, log });
  return ignored;
}
