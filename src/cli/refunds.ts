/** `stampede refunds`: lists, retries and settles refunds of a running server. */
import { Command, Option } from 'commander';
import type { InferOutput } from 'valibot';
import type { refundList, retriedRefund, settledRefund } from '../answers/schemas.ts';
import { amountText } from '../domain/money-text.ts';
import { refundStatuses } from '../domain/order.ts';
import { withJson } from './options.ts';
import { type OutputOptions, print, table } from './output.ts';
import { ask, inPath, type ServerOptions, type WriteOptions, withKey, withServer, write } from './server.ts';

type RefundList = InferOutput<typeof refundList>;
type Changed = InferOutput<typeof retriedRefund> | InferOutput<typeof settledRefund>;
type Options = ServerOptions & OutputOptions;
type Write = WriteOptions & OutputOptions;

function listText({ refunds, nextCursor }: RefundList): string {
  const listed = table(
    [
      'REFUND',
      'STATUS',
      'AMOUNT',
      'REASON',
      'PROVIDER',
      'ATTEMPTS',
      'CREATED',
      'ORDER',
      'NOTE OR LAST ERROR',
    ],
    refunds.map(
      ({ id, status, amount, currency, reason, provider, attempts, createdAt, orderId, ...refund }) => [
        id,
        status,
        amountText(amount, currency),
        reason,
        provider,
        attempts,
        createdAt,
        orderId,
        refund.note ?? refund.lastErrorDetail,
      ],
    ),
    'No such refunds.',
  );
  return nextCursor === null ? listed : `${listed}\nMore: --cursor ${nextCursor}`;
}

const leaf = (name: string, description: string, examples: string): Command =>
  withJson(withServer(new Command(name)))
    .description(description)
    .addHelpText('after', `\nExamples:\n${examples.replaceAll(/^/gm, '  $ npm run stampede -- refunds ')}`);

async function change(id: string, action: string, options: Write, body?: object): Promise<void> {
  const changed = await write<Changed>(options, 'POST', `/admin/refunds/${inPath(id)}/${action}`, body);
  print(changed, ({ status }) => `Refund ${id} is ${status}.`, options);
}

export const refundsCommand = (): Command =>
  new Command('refunds')
    .description('manage the refunds of a running server')
    .addCommand(
      leaf('list', 'list refunds, newest first, page by page', 'list\nlist --status pending --json')
        .addOption(
          new Option('--status <status>', 'refunds with this status')
            .choices(refundStatuses)
            .default('failed'),
        )
        .option('--cursor <cursor>', 'the page after this cursor')
        .action(async (options: Options & { status: string; cursor?: string }) => {
          const { status, cursor } = options;
          const query = new URLSearchParams({ status, ...(cursor !== undefined && { cursor }) });
          print(await ask<RefundList>(options, 'GET', `/admin/refunds?${query}`), listText, options);
        }),
    )
    .addCommand(
      withKey(leaf('retry', 'retry a failed refund', 'retry rfd_…'))
        .argument('<refund>', 'id of the refund')
        .action((id: string, options: Write) => change(id, 'retry', options)),
    )
    .addCommand(
      withKey(
        leaf(
          'settle',
          'record that a failed refund was paid back by hand, outside the provider',
          'settle rfd_… --note "Bank transfer of 3 May, reference 4711"',
        ),
      )
        .argument('<refund>', 'id of the refund')
        .requiredOption('--note <note>', 'how the money was returned, such as the bank’s reference')
        .action((id: string, { note, ...options }: Write & { note: string }) =>
          change(id, 'settle', options, { note }),
        ),
    );
