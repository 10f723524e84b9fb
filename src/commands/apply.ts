/** Applies commands: the only code that writes domain rows; synchronous, on every engine. */

import type { SyncDatabase } from '../database/sync-database.ts';
import type { DomainCommand, RecordPayment } from '../domain/command.ts';
import type { DeliveryCommand } from '../domain/delivery-command.ts';
import type { DropMoved, OutcomeByCommand } from '../domain/outcome.ts';
import { closeCheckout, recordCheckout } from './checkout.ts';
import { beginDeferredDelivery, deferDelivery, endDeferredDelivery } from './deferred-delivery.ts';
import { createDrop, editDrop, restock } from './drop.ts';
import { eraseCustomer } from './erase.ts';
import { fulfilOrder } from './fulfil.ts';
import { placeHold } from './hold.ts';
import type { Journal } from './journal.ts';
import { countMail, endLinkRequest, requestLinks } from './mail-limit.ts';
import { isOfMovedDrop, moveDrop } from './moved.ts';
import { applyEarlyMovements, recordMovement } from './movement.ts';
import { addOperator, logAction, revokeOperator } from './operator.ts';
import { keepKey, keyOf, replayOfWrite } from './operator-keys.ts';
import { recordPayment } from './payment.ts';
import { beginRefund, finishRefund, refundOrder, retryRefund, settleRefund } from './refund.ts';
import { cancelOrder, releaseDue, releaseUnpayable } from './release.ts';
import type { Statements } from './statements.ts';
import { advanceSubscriber } from './subscriber.ts';

export type Apply = (
  command: DomainCommand,
  journal: Journal,
) => OutcomeByCommand[DomainCommand['kind']] | DropMoved;

/** Records a payment, then applies what its provider had reported of it before. */
function paymentWithEarlyMovements(
  command: RecordPayment,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['recordPayment'] {
  const outcome = recordPayment(command, statements, journal);
  if (outcome.kind === 'payment_recorded' && command.status === 'paid')
    applyEarlyMovements(command.provider, command.reference, statements, journal);
  return outcome;
}

function applyDelivery(
  command: DeliveryCommand,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand[DeliveryCommand['kind']] {
  switch (command.kind) {
    case 'advanceSubscriber':
      return advanceSubscriber(command, statements);
    case 'deferDelivery':
      return deferDelivery(command, statements, journal);
    case 'beginDeferredDelivery':
      return beginDeferredDelivery(command, statements);
    case 'endDeferredDelivery':
      return endDeferredDelivery(command, statements);
    case 'countMail':
      return countMail(command, statements, journal);
    case 'requestLinks':
      return requestLinks(command, statements, journal);
    case 'endLinkRequest':
      return endLinkRequest(command, statements);
  }
}

/**
 * Binds `apply` to one connection. Call it inside a transaction of that connection; it never opens
 * one, waits, or reads a clock: the time is the journal's. It throws only if the database itself
 * fails.
 */
export function createApply(db: SyncDatabase, statements: Statements): Apply {
  const run: Apply = (command, journal) => {
    switch (command.kind) {
      case 'placeHold':
        return placeHold(command, statements, journal);
      case 'recordPayment':
        return paymentWithEarlyMovements(command, statements, journal);
      case 'releaseDue':
        return releaseDue(command, statements, journal);
      case 'cancelOrder':
        return cancelOrder(command, statements, journal);
      case 'releaseUnpayable':
        return releaseUnpayable(command, statements, journal);
      case 'recordCheckout':
        return recordCheckout(command, statements, journal);
      case 'closeCheckout':
        return closeCheckout(command, statements, journal);
      case 'beginRefund':
        return beginRefund(command, statements);
      case 'recordMovement':
        return recordMovement(command, statements, journal);
      case 'settleRefund':
        return settleRefund(command, statements, journal);
      case 'finishRefund':
        return finishRefund(command, statements, journal);
      case 'retryRefund':
        return retryRefund(command, statements, journal);
      case 'refundOrder':
        return refundOrder(command, statements, journal);
      case 'fulfilOrder':
        return fulfilOrder(command, statements, journal);
      case 'eraseCustomer':
        return eraseCustomer(command, db, statements, journal);
      case 'logAction':
        return logAction(command, journal);
      case 'addOperator':
        return addOperator(command, db, journal);
      case 'revokeOperator':
        return revokeOperator(command, db, journal);
      case 'createDrop':
        return createDrop(command, db, journal);
      case 'editDrop':
        return editDrop(command, db, journal);
      case 'moveDrop':
        return moveDrop(command, db, journal);
      case 'restock':
        return restock(command, db, journal);
      default:
        return applyDelivery(command, statements, journal);
    }
  };
  return (command, journal) => {
    if (isOfMovedDrop(command, statements)) return { kind: 'drop_moved' };
    const key = keyOf(command);
    if (key === undefined) return run(command, journal);
    const replay = replayOfWrite(key, command, db, statements, journal);
    if (replay) return replay;
    const outcome = run(command, journal);
    keepKey(key, outcome, statements, journal);
    return outcome;
  };
}
