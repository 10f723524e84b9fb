/** POST /admin/customers/erase: deletes the personal data of a customer and keeps the books. */
import * as v from 'valibot';
import type { AdminRoute } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { json, readJson } from './json.ts';
import { refuse } from './problem.ts';
import { email } from './schema.ts';

export const eraseBody = v.strictObject({ email });

export function adminCustomerRoutes({ store, ids }: Deps): AdminRoute[] {
  return [
    {
      // The address comes in the body: what stands in a URL stands in the logs of every proxy.
      method: 'POST',
      path: '/admin/customers/erase',
      scope: 'customers:erase',
      async handle(c, { actor }) {
        const body = await readJson(c, eraseBody);
        if (body instanceof Response) return body;
        const outcome = await store.submit({
          kind: 'eraseCustomer',
          actor,
          customer: ids.customer(body.email),
        });
        return outcome.kind === 'customer_erased' ? json({ orders: outcome.orders }) : refuse(outcome);
      },
    },
  ];
}
