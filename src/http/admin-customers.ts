/** POST /admin/customers/erase: deletes the personal data of a customer and keeps the orders. */
import * as v from 'valibot';
import * as answers from '../answers/schemas.ts';
import { orderReads } from '../database/order-reads.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { operatorOperations } from './operation.ts';
import { problem, refuse } from './problem.ts';
import { email } from './schema.ts';

export const eraseBody = v.strictObject({
  email,
  openOrders: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(/^ord_[\w-]{22}$/, 'Must be the id of an order.'))),
      v.description('Ids of open orders whose address may be deleted although goods or money are pending'),
    ),
    [],
  ),
  dryRun: v.optional(
    v.pipe(v.boolean(), v.description('Answer as the deletion would, and delete nothing')),
    false,
  ),
});

export const adminCustomerOperations = operatorOperations([
  {
    id: 'eraseCustomer',
    method: 'post',
    path: '/admin/customers/erase',
    summary: 'Delete a customer’s personal data; the orders stay, for accounting',
    access: 'customers:erase',
    body: { schema: eraseBody, example: { email: 'ada@example.com' } },
    answers: [
      { status: 200, description: 'Number of orders that had personal data.', schema: answers.erased },
    ],
    refusals: ['open_orders', 'deletion_incomplete'],
    writes: true,
  },
]);

export function adminCustomerRoutes({ db, ids }: Deps): OperatorRoute[] {
  return operatorRoutes(adminCustomerOperations, {
    // The address is in the body, because URLs end up in the logs of every proxy.
    async eraseCustomer({ actor, readBody }) {
      const body = await readBody();
      if (body instanceof Response) return body;
      const customer = ids.customer(body.email);
      const outcome = await db.submit({
        kind: 'eraseCustomer',
        actor,
        customer,
        // No order has the id 0, so the writer refuses an id that is invalid here.
        openOrders: body.openOrders.map((id) => ids.parseOrder(id)?.orderId ?? 0),
        isDryRun: body.dryRun,
        // Hashed here, because the writer has no secret. No new plain keys appear meanwhile: this
        // version writes none.
        plainKeys: orderReads(db)
          .plainKeys(customer)
          .map((plain) => ({ plain, hashed: ids.idempotencyKey(plain) })),
      });
      if (outcome.kind === 'customer_erased' || outcome.kind === 'erasable') {
        return json({ orders: outcome.orders });
      }
      if (outcome.kind === 'unknown_orders') return unknownOrders(outcome.positions);
      if (outcome.kind !== 'open_orders') return refuse(outcome);
      return openOrders(
        outcome.orders.map(({ id, dropId, status }) => ({
          path: ids.order({ dropId, orderId: id }),
          message:
            status === 'paid'
              ? 'The order is paid and not yet fulfilled.'
              : 'The refund is not yet complete.',
        })),
      );
    },
  });
}

/** Refuses ids in `openOrders`, by their positions, that name no order of the customer. */
export const unknownOrders = (positions: readonly number[]): Response =>
  problem('invalid', {
    errors: positions.map((position) => ({
      path: `openOrders.${position}`,
      message: 'The customer has no such order.',
    })),
  });

const nothingErased =
  'Nothing was deleted. Fulfil or refund these orders first, or list all of them in openOrders.';
/** Refuses the deletion and lists the orders that still await delivery or a refund. */
export const openOrders = (
  errors: readonly { path: string; message: string }[],
  detail = nothingErased,
): Response => problem('open_orders', { detail, errors });
