/** GET /orders/:id and POST /orders/:id/cancel: only with the order's token. */
import type { Context } from 'hono';
import { orderWithMoneyJson } from '../answers/representation.ts';
import * as answers from '../answers/schemas.ts';
import type { OrderWithMoney } from '../database/order-reads.ts';
import { orderReads } from '../database/order-reads.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { publicOperations } from './operation.ts';
import { openedOrderId } from './order-token.ts';
import { problem, refuse } from './problem.ts';
import { publicRoutes } from './public-routes.ts';

const bearer = /^Bearer +(\S+) *$/i;

/** The token of an Authorization header, or an empty string. */
export const bearerToken = (c: Context): string =>
  bearer.exec(c.req.header('authorization') ?? '')?.[1] ?? '';

export const orderOperations = publicOperations([
  {
    id: 'getOrder',
    method: 'get',
    path: '/orders/:id',
    tag: 'Purchases',
    summary: 'Get an order with its payments and refunds',
    access: 'order token',
    answers: [{ status: 200, description: 'The order.', schema: answers.orderAnswer }],
    refusals: ['not_found'],
    isLimited: true,
  },
  {
    id: 'cancelOrder',
    method: 'post',
    path: '/orders/:id/cancel',
    tag: 'Purchases',
    summary: 'Cancel an unpaid order',
    access: 'order token',
    answers: [{ status: 200, description: 'The order, released.', schema: answers.orderAnswer }],
    refusals: ['not_found', 'already_paid'],
    writes: true,
    isLimited: true,
  },
]);

export function orderRoutes({ db, ids }: Deps) {
  const authorizedOrderId = (c: Context): number | null =>
    openedOrderId(ids, c.req.param('id') ?? '', bearerToken(c));
  const answer = (found: OrderWithMoney | undefined): Response => {
    const drop = found && db.snapshot.get(found.order.dropId);
    if (drop?.movedAt) return refuse({ kind: 'drop_moved' });
    return found && drop ? json(orderWithMoneyJson(found, drop, ids)) : problem('not_found');
  };

  return publicRoutes(orderOperations, {
    getOrder(c) {
      const orderId = authorizedOrderId(c);
      return orderId === null ? problem('not_found') : answer(orderReads(db).order(orderId));
    },
    async cancelOrder(c) {
      const orderId = authorizedOrderId(c);
      if (orderId === null) return problem('not_found');
      const outcome = await db.submit({ kind: 'cancelOrder', orderId });
      return outcome.kind === 'cancelled' ? answer(orderReads(db).order(orderId)) : refuse(outcome);
    },
  });
}
