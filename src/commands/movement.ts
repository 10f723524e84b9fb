/**
 * Records a dispute or refund that a provider reports: assigns it to its payment, or stores it
 * until the payment arrives.
 */

import { and, eq } from 'drizzle-orm';
import { earlyMovements } from '../../drizzle/schema.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { Movement, RecordMovement } from '../domain/movement.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { recordDispute } from './dispute.ts';
import type { Journal } from './journal.ts';
import { value } from './placeholder.ts';
import { recordRefund } from './reported-refund.ts';
import type { Statements } from './statements.ts';

export const prepareEarlyMovementStatements = (db: SyncDatabase) => ({
  keepEarlyMovement: db
    .insert(earlyMovements)
    .values({
      provider: value('provider'),
      paymentReference: value('paymentReference'),
      report: value('report'),
      createdAt: value('now'),
    })
    .onConflictDoNothing()
    .prepare(),

  earlyMovementsOf: db
    .select({ id: earlyMovements.id, report: earlyMovements.report })
    .from(earlyMovements)
    .where(
      and(
        eq(earlyMovements.provider, value('provider')),
        eq(earlyMovements.paymentReference, value('paymentReference')),
      ),
    )
    .prepare(),

  deleteEarlyMovement: db
    .delete(earlyMovements)
    .where(eq(earlyMovements.id, value('id')))
    .prepare(),
});

/** The payment that a report is about. */
export interface KnownPayment {
  provider: string;
  paymentId: number;
  /** Null if the payment belongs to no known order. */
  orderId: number | null;
  currency: string;
}

/**
 * The JSON of an early movement. It is compared with stored ones, so its names never change: the
 * shard id keeps its first one.
 */
function storedReport(movement: Movement): string {
  if (movement.kind === 'dispute' || movement.keyShardId === undefined) return JSON.stringify(movement);
  const { keyShardId, ...rest } = movement;
  return JSON.stringify({ ...rest, keyPlace: keyShardId });
}

function movementOf(report: string): Movement {
  const { keyPlace, ...movement } = JSON.parse(report) as Movement & { keyPlace?: number };
  return movement.kind === 'dispute' || keyPlace === undefined
    ? movement
    : { ...movement, keyShardId: keyPlace };
}

function paymentOf(
  { provider, paymentReference, movement }: RecordMovement,
  statements: Statements,
): KnownPayment | undefined {
  const { refundId, keyShardId = null } = movement.kind === 'refund' ? movement : { refundId: null };
  const refund = paymentReference === null ? statements.refundById.get({ refundId }) : undefined;
  const paymentId =
    paymentReference === null
      ? refund?.keyShardId === keyShardId
        ? refund.paymentId
        : undefined
      : statements.paidByReference.get({ provider, reference: paymentReference })?.id;
  const payment = paymentId === undefined ? undefined : statements.paymentById.get({ paymentId });
  return payment && paymentId !== undefined ? { ...payment, paymentId } : undefined;
}

export function recordMovement(
  command: RecordMovement,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['recordMovement'] {
  const { provider, paymentReference, keepsEarly, movement } = command;
  const payment = paymentOf(command, statements);
  if (!payment) {
    if (!keepsEarly || paymentReference === null) return { kind: 'payment_unknown' };
    const report = storedReport(movement);
    statements.keepEarlyMovement.run({ provider, paymentReference, report, now: journal.now });
    return { kind: 'movement_recorded', effect: 'kept' };
  }
  const effect =
    movement.kind === 'dispute'
      ? recordDispute(movement, payment, statements, journal)
      : recordRefund(movement, payment, statements, journal);
  return { kind: 'movement_recorded', effect };
}

/** Applies what a provider reported before its payment. Call this once the payment is recorded. */
export function applyEarlyMovements(
  provider: string,
  paymentReference: string,
  statements: Statements,
  journal: Journal,
): void {
  for (const { id, report } of statements.earlyMovementsOf.all({ provider, paymentReference })) {
    const movement = movementOf(report);
    recordMovement(
      { kind: 'recordMovement', provider, paymentReference, keepsEarly: false, movement },
      statements,
      journal,
    );
    statements.deleteEarlyMovement.run({ id });
  }
}
