/** /admin/orders: find orders, page by page and newest first, fulfil and refund them. */
import type { Context } from 'hono';
import * as v from 'valibot';
import { listOrders } from '../database/order-list.ts';
import { orderReads } from '../database/order-reads.ts';
import type { FulfilOrder, RefundOrder } from '../domain/command.ts';
import {
  disputeStatuses,
  type Order,
  type OrderStatus,
  orderTransitions,
  refundRefusal,
} from '../domain/order.ts';
import type { Outcome } from '../domain/outcome.ts';
import {
  PAGE_ORDERS_DEFAULT,
  PAGE_ORDERS_MAX,
  SLUG_CHARACTERS_MAX,
  TRACKING_CODE_CHARACTERS_MAX,
} from '../limits.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import * as answers from './answers.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { ListedOrders } from './listed-orders.ts';
import { keyHeader, operatorOperations } from './operation.ts';
import { replayedHeaders } from './operator-key.ts';
import { invalid, problem, refuse } from './problem.ts';
import { adminOrderJson, adminOrderWithMoneyJson } from './representation.ts';
import { email, line } from './schema.ts';

const statuses = Object.keys(orderTransitions) as OrderStatus[];
const pageRule = `Must be a whole number from 1 to ${PAGE_ORDERS_MAX}.`;

export const orderListQuery = v.strictObject({
  dropId: v.optional(line(SLUG_CHARACTERS_MAX, 'A drop’s id or slug')),
  status: v.optional(v.picklist(statuses)),
  dispute: v.optional(v.picklist(disputeStatuses)),
  // An unencoded + arrives as a space, which no address contains.
  email: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.trim().replaceAll(' ', '+')),
      email,
    ),
  ),
  /** The id of the last order of the previous page. */
  cursor: v.optional(v.string()),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,3}$/, pageRule),
      v.transform(Number),
      v.minValue(1, pageRule),
      v.maxValue(PAGE_ORDERS_MAX, pageRule),
    ),
    String(PAGE_ORDERS_DEFAULT),
  ),
});

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

export function adminOrderRoutes({ db, ids, clock }: Deps): OperatorRoute[] {
  const listed = new ListedOrders(db);
  const findOrderId = (c: Context): number | null => ids.parseOrder(c.req.param('id') ?? '')?.orderId ?? null;
  const answer = (orderId: number, outcome: Outcome<FulfilOrder | RefundOrder>): Response => {
    if (outcome.kind !== 'done') return refuse(outcome);
    const found = orderReads(db).order(orderId);
    const drop = found && db.snapshot.get(found.order.dropId);
    if (!drop) return problem('not_found');
    const left = orderReads(db).leftOfOrder(orderId);
    const refundable = refundRefusal(found.order, left) === null ? left : 0;
    return json(adminOrderWithMoneyJson(found, refundable, drop, ids), 200, replayedHeaders(outcome));
  };

  return operatorRoutes(adminOrderOperations, {
    async listOrders({ actor, readQuery }) {
      const query = readQuery();
      if (query instanceof Response) return query;
      const drop = query.dropId === undefined ? undefined : db.snapshot.find(query.dropId);
      if (query.dropId !== undefined && !drop) return invalid('dropId', 'No such drop.');
      const before = query.cursor === undefined ? undefined : ids.parseCursor(query.cursor);
      if (before === null) return invalid('cursor', 'Must be a nextCursor of this list.');

      const filter = {
        dropId: drop?.id,
        status: query.status,
        dispute: query.dispute,
        customer: query.email === undefined ? undefined : ids.customer(query.email),
        beforeOrderId: before,
      };
      // One more than a page, to learn whether there is a next page.
      const found: Order[] = [];
      for await (const some of listOrders(db.parallel, filter, query.limit + 1)) {
        found.push(...some);
        // In an object the steps run on its one thread.
        if (found.length <= query.limit) await new Promise<void>((resolve) => clock.soon(resolve));
      }
      const page = found.slice(0, query.limit);
      const shownIds = page.map(({ id }) => id);
      const noted = await listed.show(actor, drop?.id ?? null, shownIds, clock.monotonicMs());
      if (noted.kind !== 'done') return refuse(noted);
      const last = found.length > query.limit ? page.at(-1) : undefined;
      return json({
        orders: page.flatMap((order) => {
          const itsDrop = db.snapshot.get(order.dropId);
          return itsDrop ? [adminOrderJson(order, itsDrop, ids)] : [];
        }),
        nextCursor: last ? ids.cursor(last.id) : null,
      });
    },
    adminGetOrder({ c }) {
      const orderId = findOrderId(c);
      return orderId === null ? problem('not_found') : answer(orderId, { kind: 'done' });
    },
    async fulfilOrder({ c, actor, readBody, onceFor }) {
      const orderId = findOrderId(c);
      if (orderId === null) return problem('not_found');
      const body = await readBody();
      if (body instanceof Response) return body;
      const once = onceFor(['fulfil', orderId, body]);
      if (once instanceof Response) return once;
      const { trackingCode = null, despiteDispute } = body;
      const command = {
        kind: 'fulfilOrder',
        actor,
        orderId,
        trackingCode,
        despiteDispute,
        ...once,
      } as const;
      return answer(orderId, await db.submit(command));
    },
    async refundOrder({ c, actor, readBody, onceFor }) {
      const orderId = findOrderId(c);
      if (orderId === null) return problem('not_found');
      const body = await readBody();
      if (body instanceof Response) return body;
      const once = onceFor(['refund', orderId, body]);
      if (once instanceof Response) return once;
      return answer(orderId, await db.submit({ kind: 'refundOrder', actor, orderId, ...body, ...once }));
    },
  });
}
