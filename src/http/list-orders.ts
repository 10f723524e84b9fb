/** Lists the orders of a filter, page by page and newest first. */
import * as v from 'valibot';
import { adminOrderJson } from '../answers/representation.ts';
import { listOrders, type OrderFilter } from '../database/order-list.ts';
import { disputeStatuses, type Order, type OrderStatus, orderTransitions } from '../domain/order.ts';
import { PAGE_ORDERS_DEFAULT, PAGE_ORDERS_MAX, SLUG_CHARACTERS_MAX } from '../limits.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import type { ListedOrders } from './listed-orders.ts';
import { invalid, refuse } from './problem.ts';
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

type OrderListQuery = v.InferOutput<typeof orderListQuery>;

/** The filter of a list; a Response refuses a query that names nothing. */
function filterOf(query: OrderListQuery, { db, ids }: Deps): OrderFilter | Response {
  const drop = query.dropId === undefined ? undefined : db.snapshot.find(query.dropId);
  if (query.dropId !== undefined && !drop) return invalid('dropId', 'No such drop.');
  const before = query.cursor === undefined ? undefined : ids.parseCursor(query.cursor);
  if (before === null) return invalid('cursor', 'Must be a nextCursor of this list.');
  return {
    dropId: drop?.id,
    status: query.status,
    dispute: query.dispute,
    customer: query.email === undefined ? undefined : ids.customer(query.email),
    beforeOrderId: before,
  };
}

/** Reads one order more than a page, to learn whether there is a next page. */
async function readPage(filter: OrderFilter, limit: number, { db, clock }: Deps): Promise<Order[]> {
  const found: Order[] = [];
  for await (const some of listOrders(db.parallel, filter, limit + 1)) {
    found.push(...some);
    // In an object the steps run on its one thread.
    if (found.length <= limit) await new Promise<void>((resolve) => clock.soon(resolve));
  }
  return found;
}

/** Answers a page of the list, and logs an operator who reads many. */
export async function listOrderPage(
  actor: string,
  query: OrderListQuery,
  listed: ListedOrders,
  deps: Deps,
): Promise<Response> {
  const { db, ids, clock } = deps;
  const filter = filterOf(query, deps);
  if (filter instanceof Response) return filter;
  const found = await readPage(filter, query.limit, deps);
  const page = found.slice(0, query.limit);
  const shownIds = page.map(({ id }) => id);
  const noted = await listed.show(actor, filter.dropId ?? null, shownIds, clock.monotonicMs());
  if (noted.kind !== 'done') return refuse(noted);
  const last = found.length > query.limit ? page.at(-1) : undefined;
  return json({
    orders: page.flatMap((order) => {
      const drop = db.snapshot.get(order.dropId);
      return drop ? [adminOrderJson(order, drop, ids)] : [];
    }),
    nextCursor: last ? ids.cursor(last.id) : null,
  });
}
