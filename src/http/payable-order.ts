/** The order data that payment pages need, found by the order's public id. */
import { orderReads } from '../database/order-reads.ts';
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
  const { id, itemId, quantity, unitPrice, status, releaseReason, holdExpiresAt } = found.order;
  return {
    orderId: id,
    ref,
    number: String(ids.orderNumber(id)),
    title: drop.title,
    itemName: drop.items.find((item) => item.id === itemId)?.name ?? '',
    quantity,
    amount: unitPrice * quantity,
    currency: drop.currency,
    status,
    releaseReason,
    holdExpiresAt,
    isHoldOver: holdExpiresAt <= clock.now(),
  };
}

/** Whether its hold still awaits payment. */
export const isPayable = ({ status, isHoldOver }: PayableOrder): boolean => status === 'held' && !isHoldOver;
