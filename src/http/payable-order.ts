/** The order data that payment pages need, found by the order's public id. */
import { orderReads } from '../database/order-reads.ts';
import { namedItems } from '../domain/named-items.ts';
import type { OrderStatus, ReleaseReason } from '../domain/order.ts';
import type { PayableUnits } from '../pages/pay-choice-page.ts';
import type { Deps } from './deps.ts';

export interface PayableOrder extends PayableUnits {
  orderId: number;
  status: OrderStatus;
  releaseReason: ReleaseReason | null;
  holdExpiresAt: number;
  isHoldOver: boolean;
}

export function findPayableOrder(ref: string, { db, ids, clock }: Deps): PayableOrder | undefined {
  const key = ids.parseOrder(ref);
  const found = key && orderReads(db).order(key.orderId);
  const drop = found && db.snapshot.get(found.order.dropId);
  if (!found || !drop) return undefined;
  const { order } = found;
  const { id, total, status, releaseReason, holdExpiresAt } = order;
  return {
    orderId: id,
    ref,
    number: String(ids.orderNumber(id)),
    title: drop.title,
    items: namedItems(order, drop),
    amount: total,
    currency: drop.currency,
    status,
    releaseReason,
    holdExpiresAt,
    isHoldOver: holdExpiresAt <= clock.now(),
  };
}

/** Whether its hold still awaits payment. */
export const isPayable = ({ status, isHoldOver }: PayableOrder): boolean => status === 'held' && !isHoldOver;
