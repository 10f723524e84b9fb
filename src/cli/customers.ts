/** `stampede customers`: deletes the personal data of a customer of a running server. */
import { Command } from 'commander';
import type { InferOutput } from 'valibot';
import type { erased } from '../http/answers.ts';
import { withJson } from './options.ts';
import { type OutputOptions, print } from './output.ts';
import { ask, type ServerOptions, withServer } from './server.ts';

type Erased = InferOutput<typeof erased>;
type Options = ServerOptions & OutputOptions & { openOrder: readonly string[]; dryRun?: boolean };

const textOf =
  (isDryRun: boolean) =>
  ({ orders }: Erased): string =>
    orders === 0
      ? 'No order with personal data belongs to this address.'
      : `${isDryRun ? 'Would erase' : 'Erased'} the personal data of ${orders} ${orders === 1 ? 'order' : 'orders'}.`;

export const customersCommand = (): Command =>
  new Command('customers').description('the customers of a running server').addCommand(
    withJson(withServer(new Command('erase')))
      .description('delete contact data and tracking codes, and end the holds; the orders stay')
      .argument('<email>', 'the address of the customer')
      .option(
        '--open-order <order>',
        'erase although this order is owed goods or a refund; once for each',
        (id: string, ids: readonly string[]) => [...ids, id],
        [] as readonly string[],
      )
      .option('--dry-run', 'erase nothing; say what would be erased')
      .addHelpText(
        'after',
        `
Without --open-order for each of them, open orders are listed and nothing is erased.

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
