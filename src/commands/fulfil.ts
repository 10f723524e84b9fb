/** Marks a paid order as fulfilled, with its tracking code if there is one. */
import type { FulfilOrder } from '../domain/command.ts';
import { unitsOfOrder } from '../domain/event.ts';
import { canBecome, isDisputed } from '../domain/order.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import type { Statements } from './statements.ts';

/** Marks the order. Repeating it changes nothing; another tracking code replaces the last one. */
export function fulfilOrder(
  command: FulfilOrder,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['fulfilOrder'] {
  const { orderId, actor, trackingCode, despiteDispute } = command;
  const order = statements.orderById.get({ orderId });
  if (!order) return { kind: 'order_not_found' };
  const isFulfilled = order.status === 'fulfilled';
  if (!isFulfilled && !canBecome(order.status, 'fulfilled')) {
    return { kind: 'wrong_status', status: order.status };
  }
  const { dispute } = order;
  if (!isFulfilled && isDisputed(dispute) && !despiteDispute) return { kind: 'disputed', dispute };
  const isNewCode = trackingCode !== null && trackingCode !== order.trackingCode;
  if (isFulfilled && !isNewCode) return { kind: 'done' };
  if (isNewCode) statements.setTrackingCode.run({ orderId, trackingCode });
  if (!isFulfilled) statements.setOrderStatus.run({ orderId, status: 'fulfilled' });
  // Do not log the code: with it, a carrier's page shows where the customer lives.
  journal.log({
    kind: isFulfilled ? 'tracking_changed' : 'fulfilled',
    actor,
    dropId: order.dropId,
    ...unitsOfOrder(order),
  });
  return { kind: 'done' };
}
