/** /admin/orders: find orders, page by page and newest first, fulfil and refund them. */
import type { Context } from 'hono';
import * as v from 'valibot';
import { adminOrderWithMoneyJson } from '../answers/representation.ts';
import * as answers from '../answers/schemas.ts';
import { orderReads } from '../database/order-reads.ts';
import type { FulfilOrder, RefundOrder } from '../domain/command.ts';
import { refundRefusal } from '../domain/order.ts';
import type { Outcome } from '../domain/outcome.ts';
import { TRACKING_CODE_CHARACTERS_MAX } from '../limits.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { listOrderPage, orderListQuery } from './list-orders.ts';
import { ListedOrders } from './listed-orders.ts';
import { keyHeader, operatorOperations } from './operation.ts';
import { replayedHeaders } from './operator-key.ts';
import { problem, refuse } from './problem.ts';
import { line } from './schema.ts';

const fulfilBody = v.strictObject({
  trackingCode: v.optional(v.nullable(line(TRACKING_CODE_CHARACTERS_MAX, 'The carrier’s parcel number'))),
  despiteDispute: v.optional(
    v.pipe(v.boolean(), v.description('Fulfil despite an open or lost dispute')),
    false,
  ),
});
const refundBody = v.strictObject({
  /** Whether buyers can buy the units again; otherwise they are removed from the stock. */
  restock: v.optional(v.boolean(), true),
});

export const adminOrderOperations = operatorOperations([
  {
    id: 'listOrders',
    method: 'get',
    path: '/admin/orders',
    summary: 'Find orders, newest first, page by page',
    description:
      'Listing more than 200 orders of a drop, or of all drops, within an hour is recorded in the event log, like an export.',
    access: 'orders:read',
    page: { path: '/admin/ui/orders', query: ['dropId', 'status', 'dispute', 'cursor'] },
    query: orderListQuery,
    answers: [{ status: 200, description: 'A page of orders.', schema: answers.orderList }],
    refusals: [],
    writes: true,
  },
  {
    id: 'adminGetOrder',
    method: 'get',
    path: '/admin/orders/:id',
    summary: 'Get an order with its customer, payments and refunds',
    access: 'orders:read',
    object: 'of the entry',
    page: { path: '/admin/ui/orders/:id' },
    answers: [{ status: 200, description: 'The order.', schema: answers.adminOrderAnswer }],
    refusals: ['not_found'],
  },
  {
    id: 'fulfilOrder',
    method: 'post',
    path: '/admin/orders/:id/fulfil',
    summary: 'Mark a paid order as fulfilled',
    access: 'orders:write',
    object: 'of the entry',
    headers: keyHeader,
    body: { schema: fulfilBody, example: { trackingCode: 'JD014600006789' }, isOptional: true },
    answers: [{ status: 200, description: 'The order, fulfilled.', schema: answers.adminOrderAnswer }],
    refusals: ['not_found', 'wrong_status', 'disputed'],
    writes: true,
  },
  {
    id: 'refundOrder',
    method: 'post',
    path: '/admin/orders/:id/refund',
    summary: 'Refund a paid order',
    access: 'refunds:write',
    object: 'of the entry',
    headers: keyHeader,
    body: { schema: refundBody, example: { restock: true }, isOptional: true },
    answers: [
      { status: 200, description: 'The order; its refund is on the way.', schema: answers.adminOrderAnswer },
    ],
    refusals: ['not_found', 'wrong_status', 'disputed'],
    writes: true,
  },
]);

/** Answers with the order after a command, or with the refusal. */
function answerOrder(
  orderId: number,
  outcome: Outcome<FulfilOrder | RefundOrder>,
  { db, ids }: Deps,
): Response {
  if (outcome.kind !== 'done') return refuse(outcome);
  const found = orderReads(db).order(orderId);
  const drop = found && db.snapshot.get(found.order.dropId);
  if (!drop) return problem('not_found');
  const left = orderReads(db).leftOfOrder(orderId);
  const refundable = refundRefusal(found.order, left) === null ? left : 0;
  return json(adminOrderWithMoneyJson(found, refundable, drop, ids), 200, replayedHeaders(outcome));
}

export function adminOrderRoutes(deps: Deps): OperatorRoute[] {
  const { db, ids } = deps;
  const listed = new ListedOrders(db);
  const findOrderId = (c: Context): number | null => ids.parseOrder(c.req.param('id') ?? '')?.orderId ?? null;

  return operatorRoutes(adminOrderOperations, {
    listOrders({ actor, readQuery }) {
      const query = readQuery();
      return query instanceof Response ? query : listOrderPage(actor, query, listed, deps);
    },
    adminGetOrder({ c }) {
      const orderId = findOrderId(c);
      return orderId === null ? problem('not_found') : answerOrder(orderId, { kind: 'done' }, deps);
    },
    async fulfilOrder({ c, actor, readBody, onceFor }) {
      const orderId = findOrderId(c);
      if (orderId === null) return problem('not_found');
      const body = await readBody();
      if (body instanceof Response) return body;
      const once = onceFor(['fulfil', orderId, body]);
      if (once instanceof Response) return once;
      const { trackingCode = null, despiteDispute } = body;
      const fields = { actor, orderId, trackingCode, despiteDispute, ...once };
      return answerOrder(orderId, await db.submit({ kind: 'fulfilOrder', ...fields }), deps);
    },
    async refundOrder({ c, actor, readBody, onceFor }) {
      const orderId = findOrderId(c);
      if (orderId === null) return problem('not_found');
      const body = await readBody();
      if (body instanceof Response) return body;
      const once = onceFor(['refund', orderId, body]);
      if (once instanceof Response) return once;
      const fields = { actor, orderId, ...body, ...once };
      return answerOrder(orderId, await db.submit({ kind: 'refundOrder', ...fields }), deps);
    },
  });
}
