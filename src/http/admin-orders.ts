/** GET /admin/orders: the orders of a drop, a status or a customer, newest first, a page at a time. */
import { Hono } from 'hono';
import * as v from 'valibot';
import { listOrders } from '../database/order-list.ts';
import { type OrderStatus, orderTransitions } from '../domain/order.ts';
import { PAGE_ORDERS_DEFAULT, PAGE_ORDERS_MAX, SLUG_CHARACTERS_MAX } from '../limits.ts';
import type { Deps } from './deps.ts';
import { check, json } from './json.ts';
import { invalid } from './problem.ts';
import { adminOrderJson } from './representation.ts';
import { email, line } from './schema.ts';

const statuses = Object.keys(orderTransitions) as OrderStatus[];
const pageRule = `Must be a whole number from 1 to ${PAGE_ORDERS_MAX}.`;

const orderListQuery = v.strictObject({
  dropId: v.optional(line(SLUG_CHARACTERS_MAX)),
  status: v.optional(v.picklist(statuses)),
  email: v.optional(email),
  /** The id of the last order of the page before. */
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

export function adminOrderRoutes({ store, ids }: Deps) {
  return new Hono().get('/admin/orders', async (c) => {
    const query = check(orderListQuery, c.req.query());
    if (query instanceof Response) return query;
    const drop = query.dropId === undefined ? undefined : store.snapshot.find(query.dropId);
    if (query.dropId !== undefined && !drop) return invalid('dropId', 'No such drop.');
    const before = query.cursor === undefined ? undefined : ids.parseOrder(query.cursor);
    if (before === null) return invalid('cursor', 'Must be a cursor that this list has given.');

    const filter = {
      dropId: drop?.id,
      status: query.status,
      customer: query.email === undefined ? undefined : ids.customer(query.email),
      beforeOrderId: before?.orderId,
    };
    // One more than the page tells whether there is a next one.
    const found = await listOrders(store.db, filter, query.limit + 1);
    const page = found.slice(0, query.limit);
    const last = found.length > query.limit ? page.at(-1) : undefined;
    return json({
      orders: page.flatMap((order) => {
        const itsDrop = store.snapshot.get(order.dropId);
        return itsDrop ? [adminOrderJson(order, itsDrop, ids)] : [];
      }),
      nextCursor: last ? ids.order({ dropId: last.dropId, orderId: last.id }) : null,
    });
  });
}
