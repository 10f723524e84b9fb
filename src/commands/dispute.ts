/** Records what a provider reports of a dispute: opened, decided or reopened. */

import { and, eq, sql } from 'drizzle-orm';
import { disputes, orders, payments } from '../../drizzle/schema.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import { unitsOfOrder } from '../domain/event.ts';
import type { Movement } from '../domain/movement.ts';
import { type DisputeStatus, disputeStatuses } from '../domain/order.ts';
import { coverOwed } from './cover-owed.ts';
import type { Journal } from './journal.ts';
import type { KnownPayment } from './movement.ts';
import { value } from './placeholder.ts';
import type { Statements } from './statements.ts';

export const prepareDisputeStatements = (db: SyncDatabase) => ({
  disputeByReference: db
    .select({
      id: disputes.id,
      status: disputes.status,
      reason: disputes.reason,
      amount: disputes.amount,
      currency: disputes.currency,
      closedAt: disputes.closedAt,
    })
    .from(disputes)
    .where(and(eq(disputes.provider, value('provider')), eq(disputes.reference, value('reference'))))
    .prepare(),

  insertDispute: db
    .insert(disputes)
    .values({
      paymentId: value('paymentId'),
      provider: value('provider'),
      reference: value('reference'),
      status: 'open',
      reason: value('reason'),
      amount: value('amount'),
      currency: value('currency'),
      openedAt: value('openedAt'),
    })
    .returning({ id: disputes.id })
    .prepare(),

  setDispute: db
    .update(disputes)
    .set({ status: sql`${value('status')}`, closedAt: sql`${value('closedAt')}` })
    .where(eq(disputes.id, value('disputeId')))
    .prepare(),

  /** Disputes of money that went back because it bought nothing do not affect the order. */
  disputesOfOrder: db
    .select({ status: disputes.status })
    .from(payments)
    .innerJoin(disputes, eq(disputes.paymentId, payments.id))
    .where(
      and(
        eq(payments.orderId, value('orderId')),
        sql`not exists (select 1 from "refunds" where "payment_id" = ${payments.id} and "reason" in ('paid_twice', 'wrong_amount'))`,
      ),
    )
    .prepare(),

  setOrderDispute: db
    .update(orders)
    .set({ dispute: sql`${value('dispute')}` })
    .where(eq(orders.id, value('orderId')))
    .prepare(),
});

type DisputeMovement = Extract<Movement, { kind: 'dispute' }>;
type KnownDispute = NonNullable<ReturnType<Statements['disputeByReference']['get']>>;

/**
 * Whether a report changes a known dispute. Reports arrive in any order, with times in whole
 * seconds: of two in the same second, the one that costs money counts. A closed inquiry may become
 * a dispute; a lost dispute is final.
 */
function isNewer(known: KnownDispute, { status, happenedAt }: DisputeMovement): boolean {
  if (status === known.status) return false;
  if (known.closedAt === null) return true;
  if (happenedAt === known.closedAt) return status === 'lost';
  return happenedAt > known.closedAt && (status !== 'open' || known.status === 'won');
}

/** Sets the order's dispute status: the most serious one of its payment's disputes. */
function showAtOrder(orderId: number, statements: Statements): void {
  const statuses = statements.disputesOfOrder.all({ orderId }).map(({ status }) => status);
  const dispute = disputeStatuses.find((one) => statuses.includes(one)) ?? null;
  statements.setOrderDispute.run({ orderId, dispute });
}

export function recordDispute(
  movement: DisputeMovement,
  payment: KnownPayment,
  statements: Statements,
  journal: Journal,
): 'dispute' | 'known' {
  const { provider, paymentId, orderId } = payment;
  const { reference, status, reason, amount, currency, openedAt, happenedAt } = movement;
  const known = statements.disputeByReference.get({ provider, reference });
  if (known && !isNewer(known, movement)) return 'known';
  const { id } =
    known ??
    statements.insertDispute.get({ paymentId, provider, reference, reason, amount, currency, openedAt });

  const order = orderId === null ? undefined : statements.orderById.get({ orderId });
  const log = (kind: 'dispute_opened' | 'dispute_won' | 'dispute_lost') =>
    journal.log({
      kind,
      actor: `provider:${provider}`,
      dropId: order?.dropId ?? null,
      ...(order && unitsOfOrder(order)),
      // Keep the amount of the first report: a later one does not change the counts.
      amount: known?.amount ?? amount,
      currency: known?.currency ?? currency,
      detail: { dispute: id, reason: known?.reason ?? reason },
    });
  if (!known) log('dispute_opened');
  if (known || status !== 'open') {
    const closedAt = status === 'open' ? null : happenedAt;
    statements.setDispute.run({ disputeId: id, status, closedAt });
    const kinds = { open: 'dispute_opened', won: 'dispute_won', lost: 'dispute_lost' } as const;
    log(kinds[status satisfies DisputeStatus]);
  }
  if (order) showAtOrder(order.id, statements);
  if (status === 'lost') coverOwed(paymentId, statements, journal);
  return 'dispute';
}
