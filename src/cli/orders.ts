/** `stampede orders`: finds, fulfils and refunds orders of a running server. */
import { Command } from 'commander';
import type { InferOutput } from 'valibot';
import type { adminOrderAnswer, orderList } from '../answers/schemas.ts';
import { amountText } from '../domain/money-text.ts';
import { PAGE_ORDERS_DEFAULT, PAGE_ORDERS_MAX } from '../limits.ts';
import { wholeNumber, withJson } from './options.ts';
import { fields, type OutputOptions, print, table } from './output.ts';
import { ask, inPath, type ServerOptions, type WriteOptions, withKey, withServer, write } from './server.ts';

type OrderList = InferOutput<typeof orderList>;
type OrderAnswer = InferOutput<typeof adminOrderAnswer>;
type Options = ServerOptions & OutputOptions;
type Write = WriteOptions & OutputOptions;

function listText({ orders, nextCursor }: OrderList): string {
  const listed = table(
    ['ORDER', 'NUMBER', 'STATUS', 'UNITS', 'TOTAL', 'DISPUTE', 'CREATED', 'E-MAIL'],
    orders.map(({ id, number, status, items, total, currency, dispute, createdAt, email }) => [
      id,
      number,
      status,
      items.map(({ sku, quantity }) => `${quantity} of ${sku}`).join(', '),
      amountText(total, currency),
      dispute ?? null,
      createdAt,
      email,
    ]),
    'No such orders.',
  );
  return nextCursor === null ? listed : `${listed}\nMore: --cursor ${nextCursor}`;
}

function orderText({ order, payments, refunds, refundable }: OrderAnswer): string {
  const { id, number, dropId, items, total, currency, status, createdAt, holdExpiresAt } = order;
  return fields([
    ['order', id],
    ['number', number],
    ['drop', dropId],
    ['status', status],
    ...items.map(({ sku, quantity }): [string, string] => ['units', `${quantity} of ${sku}`]),
    ['total', amountText(total, currency)],
    ['refundable', amountText(refundable, currency)],
    ['created', createdAt],
    ['hold ends', holdExpiresAt],
    ['released', order.releaseReason ?? null],
    ['tracking', order.trackingCode ?? null],
    ['dispute', order.dispute ?? null],
    ['e-mail', order.email],
    ['name', order.name],
    ['phone', order.phone],
    ['address', order.address],
    ...payments.map((paid): [string, string] => [
      'payment',
      `${paid.status} ${amountText(paid.amount, paid.currency)} by ${paid.provider}, ${paid.createdAt}`,
    ]),
    ...refunds.map((refund): [string, string] => [
      'refund',
      [
        `${refund.id} ${refund.status} ${amountText(refund.amount, refund.currency)} (${refund.reason})`,
        refund.createdAt,
        ...((refund.note ?? refund.lastErrorDetail) ? [refund.note ?? refund.lastErrorDetail] : []),
      ].join(', '),
    ]),
  ]);
}

const leaf = (name: string, description: string, examples: string): Command =>
  withJson(withServer(new Command(name)))
    .description(description)
    .addHelpText('after', `\nExamples:\n${examples.replaceAll(/^/gm, '  $ npm run stampede -- orders ')}`);

const orderPath = (id: string): string => `/admin/orders/${inPath(id)}`;

interface ListOptions extends Options {
  drop?: string;
  status?: string;
  dispute?: string;
  email?: string;
  cursor?: string;
  limit: number;
}

function queryOf({ drop, status, dispute, email, cursor, limit }: ListOptions): URLSearchParams {
  const given = { dropId: drop, status, dispute, email, cursor, limit: String(limit) };
  return new URLSearchParams(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

export const ordersCommand = (): Command =>
  new Command('orders')
    .description('manage the orders of a running server')
    .addCommand(
      leaf(
        'list',
        'find orders, newest first, page by page',
        'list --drop spring --status paid\nlist --dispute open\nlist --email ada@example.com --json',
      )
        .option('--drop <drop>', 'orders of this drop (slug or id)')
        .option('--status <status>', 'held, paid, fulfilled, released, refunding or refunded')
        .option('--dispute <status>', 'open, lost or won')
        .option('--email <address>', 'orders of this customer')
        .option('--cursor <cursor>', 'the page after this cursor')
        .option('--limit <orders>', 'orders per page', wholeNumber(1, PAGE_ORDERS_MAX), PAGE_ORDERS_DEFAULT)
        .action(async (options: ListOptions) =>
          print(await ask<OrderList>(options, 'GET', `/admin/orders?${queryOf(options)}`), listText, options),
        ),
    )
    .addCommand(
      leaf('show', 'show an order with its customer, payments and refunds', 'show ord_…')
        .argument('<order>', 'id of the order')
        .action(async (id: string, options: Options) =>
          print(await ask<OrderAnswer>(options, 'GET', orderPath(id)), orderText, options),
        ),
    )
    .addCommand(
      withKey(leaf('refund', 'refund a paid order', 'refund ord_…\nrefund ord_… --no-restock'))
        .argument('<order>', 'id of the order')
        .option('--no-restock', 'remove its units from the stock instead of selling them again')
        .action(async (id: string, options: Write & { restock: boolean }) => {
          const { restock } = options;
          const path = `${orderPath(id)}/refund`;
          print(await write<OrderAnswer>(options, 'POST', path, { restock }), orderText, options);
        }),
    )
    .addCommand(
      withKey(
        leaf(
          'fulfil',
          'mark a paid order as fulfilled',
          'fulfil ord_… --tracking JD014600006789\nfulfil ord_… --despite-dispute',
        ),
      )
        .argument('<order>', 'id of the order')
        .option('--tracking <code>', 'the carrier’s parcel number')
        .option('--despite-dispute', 'fulfil despite an open or lost dispute')
        .action(async (id: string, options: Write & { tracking?: string; despiteDispute?: true }) => {
          const { tracking: trackingCode, despiteDispute } = options;
          const path = `${orderPath(id)}/fulfil`;
          const body = {
            ...(trackingCode !== undefined && { trackingCode }),
            ...(despiteDispute && { despiteDispute }),
          };
          print(await write<OrderAnswer>(options, 'POST', path, body), orderText, options);
        }),
    );
