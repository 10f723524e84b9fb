/** Marks exported drops as moved to another deployment, and refuses commands that change them. */
import { and, eq, isNotNull } from 'drizzle-orm';
import { drops } from '../../drizzle/schema.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { DomainCommand, MoveDrop } from '../domain/command.ts';
import type { DropOutcome } from '../domain/outcome.ts';
import { saved } from './drop.ts';
import type { Journal } from './journal.ts';
import { value } from './placeholder.ts';
import { orderOfRefund } from './refund.ts';
import type { Statements } from './statements.ts';

export const prepareMovedStatements = (db: SyncDatabase) => ({
  // A look-up of its own, not a join: SQLite plans a join with bound values again at every call,
  // which takes longer than two look-ups.
  movedDrop: db
    .select({ id: drops.id })
    .from(drops)
    .where(and(eq(drops.id, value('dropId')), isNotNull(drops.movedAt)))
    .prepare(),
});

/** Sets or removes the mark of a drop. Idempotent. */
export function moveDrop(
  { dropId, actor, isMoved }: MoveDrop,
  db: SyncDatabase,
  journal: Journal,
): DropOutcome {
  const drop = db.select({ movedAt: drops.movedAt }).from(drops).where(eq(drops.id, dropId)).get();
  if (!drop) return { kind: 'drop_not_found' };
  if ((drop.movedAt !== null) === isMoved) return saved(db, dropId, journal);
  const movedAt = isMoved ? journal.now : null;
  db.update(drops).set({ movedAt }).where(eq(drops.id, dropId)).run();
  journal.log({ kind: 'drop_edited', actor, dropId, detail: { movedAt } });
  return saved(db, dropId, journal);
}

/** The drop that a command changes; undefined if it changes none, or names a missing row. */
function dropOf(command: DomainCommand, statements: Statements): number | undefined {
  const ofOrder = (orderId: number | null) =>
    orderId === null ? undefined : statements.orderById.get({ orderId })?.dropId;
  const ofRefund = (refundId: number) => {
    const refund = statements.refundById.get({ refundId });
    return refund && orderOfRefund(refund, statements)?.dropId;
  };
  switch (command.kind) {
    case 'editDrop':
    case 'restock':
      return command.dropId;
    case 'recordPayment':
    case 'recordCheckout':
    case 'cancelOrder':
    case 'refundOrder':
    case 'fulfilOrder':
      return ofOrder(command.orderId);
    case 'retryRefund':
    case 'settleRefund':
      return ofRefund(command.refundId);
    case 'recordMovement': {
      const { provider, paymentReference, movement } = command;
      if (paymentReference === null)
        return movement.kind === 'refund' && movement.refundId !== null
          ? ofRefund(movement.refundId)
          : undefined;
      const paid = statements.paidByReference.get({ provider, reference: paymentReference });
      return paid && ofOrder(statements.paymentById.get({ paymentId: paid.id })?.orderId ?? null);
    }
    default:
      return undefined;
  }
}

/**
 * Whether a command would change a moved drop. Holds need no check: the drop is closed and stays
 * closed.
 */
export function isOfMovedDrop(command: DomainCommand, statements: Statements): boolean {
  const dropId = dropOf(command, statements);
  return dropId !== undefined && statements.movedDrop.get({ dropId }) !== undefined;
}
