/** Access to an order by its token. */
import type { Ids } from '../ids/ids.ts';

/** The key of the order that the token gives access to; foreign and absent orders look the same. */
export function openedOrderId(ids: Ids, id: string, token: string): number | null {
  const key = ids.parseOrder(id);
  return key && ids.isOrderToken(id, token) ? key.orderId : null;
}
