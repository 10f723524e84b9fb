/** `stampede customers`: deletes a customer's personal data on a running server. */
import { Command } from 'commander';
import type { InferOutput } from 'valibot';
import type { erased } from '../answers/schemas.ts';
import { withJson } from './options.ts';
import { type OutputOptions, print } from './output.ts';
import { ask, type ServerOptions, withServer } from './server.ts';

type Erased = InferOutput<typeof erased>;
type Options = ServerOptions & OutputOptions & { openOrder: readonly string[]; dryRun?: boolean };

const textOf =
  (isDryRun: boolean) =>
  ({ orders }: Erased): string =>
    orders === 0
      ? 'No orders with personal data found for this address.'
      : `${isDryRun ? 'Would delete' : 'Deleted'} the personal data of ${orders} ${orders === 1 ? 'order' : 'orders'}.`;

export const customersCommand = (): Command =>
  new Command('customers').description('manage the customers of a running server').addCommand(
    withJson(withServer(new Command('erase')))
      .description('delete contact details and tracking codes, and end the holds; the orders stay')
      .argument('<email>', 'e-mail address of the customer')
      .option(
        '--open-order <order>',
        'delete although this order awaits delivery or a refund; repeat for each order',
        (id: string, ids: readonly string[]) => [...ids, id],
        [] as readonly string[],
      )
      .option('--dry-run', 'delete nothing; show what would be deleted')
      .addHelpText(
        'after',
        `
Each open order must be named with --open-order; otherwise they are listed and nothing is deleted.

Examples:
  $ npm run stampede -- customers erase ada@example.com
  $ npm run stampede -- customers erase ada@example.com --open-order ord_…`,
      )
      .action(async (email: string, { openOrder: openOrders, dryRun = false, ...options }: Options) =>
        print(
          await ask<Erased>(options, 'POST', '/admin/customers/erase', { email, openOrders, dryRun }),
          textOf(dryRun),
          options,
        ),
      ),
  );
