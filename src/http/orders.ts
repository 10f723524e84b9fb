/** GET /orders/:id and POST /orders/:id/cancel: only with the order's token. */
import { type Context, Hono } from 'hono';
import type { OrderWithMoney } from '../database/order-reads.ts';
import { orderReads } from '../database/order-reads.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { problem, refuse } from './problem.ts';
import { orderWithMoneyJson } from './representation.ts';

const bearer = /^Bearer +(\S+) *$/i;

/** The token of an Authorization header, or an empty string. */
export const bearerToken = (c: Context): string =>
  bearer.exec(c.req.header('authorization') ?? '')?.[1] ?? '';

export function orderRoutes({ db, ids }: Deps) {
  /** The key of an order that the request may access; foreign and absent orders look the same. */
  const authorizedOrderId = (c: Context): number | null => {
    const id = c.req.param('id') ?? '';
    const key = ids.parseOrder(id);
    return key && ids.isOrderToken(id, bearerToken(c)) ? key.orderId : null;
  };
  const answer = (found: OrderWithMoney | undefined): Response => {
    const drop = found && db.snapshot.get(found.order.dropId);
    if (drop?.movedAt) return refuse({ kind: 'drop_moved' });
    return found && drop ? json(orderWithMoneyJson(found, drop, ids)) : problem('not_found');
  };

  return new Hono()
    .get('/orders/:id', (c) => {
      const orderId = authorizedOrderId(c);
      return orderId === null ? problem('not_found') : answer(orderReads(db).order(orderId));
    })
    .post('/orders/:id/cancel', async (c) => {
      const orderId = authorizedOrderId(c);
      if (orderId === null) return problem('not_found');
      const outcome = await db.submit({ kind: 'cancelOrder', orderId });
      return outcome.kind === 'cancelled' ? answer(orderReads(db).order(orderId)) : refuse(outcome);
    });
}
