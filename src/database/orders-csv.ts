/**
 * A drop's orders as CSV (RFC 4180), a line for each item, a page at a time: no page holds a
 * snapshot open, so the WAL can restart between them. The text begins with a byte-order mark:
 * without it, Excel on Windows reads UTF-8 as the system's code page.
 */
import { toMajorText } from '../domain/money-text.ts';
import type { RefundReason } from '../domain/order.ts';
import { undisguised } from '../domain/visible-text.ts';
import { EXPORT_PAGE_ORDERS } from '../limits.ts';
import type { RowSource } from './row-source.ts';

/** One item of an order, with the order. */
interface ExportedItem {
  id: number;
  sku: string;
  item: string;
  quantity: number;
  unitPrice: number;
  /** Minor units for all items of the order. */
  orderTotal: number;
  currency: string;
  status: string;
  createdAt: number;
  holdExpiresAt: number;
  email: string | null;
  name: string | null;
  phone: string | null;
  address: string | null;
  trackingCode: string | null;
  dispute: string | null;
  /** Refunded part of the price, in minor units. */
  refunded: number;
}

/** Both ids of an order, as its buyer and its provider see them. */
export interface ShownIds {
  /** `ord_…`. */
  id: (orderId: number) => string;
  number: (orderId: number) => number;
}

const byteOrderMark = '\uFEFF';

const header = [
  'order',
  'order number',
  'sku',
  'item',
  'quantity',
  'unit price',
  'total',
  'order total',
  'currency',
  'unit price in minor units',
  'total in minor units',
  'order total in minor units',
  'status',
  'created at',
  'hold expires at',
  'e-mail',
  'name',
  'phone',
  'address',
  'tracking code',
  'dispute',
  'refunded',
  'refunded in minor units',
];

/** Reasons for refunds of money other than the order's price, such as a second payment. */
const boughtNothing: readonly RefundReason[] = ['paid_twice', 'wrong_amount'];

/**
 * Matches the start of a spreadsheet formula: at the start of a field, also after blanks and
 * zero-width characters, and with full-width signs. A program with another separator (a semicolon
 * in much of Europe, or a tab) also starts a field after that, or after a line break.
 */
const formulaStart = /(?<=^|[;\t\n]|\r(?!\n))(?=[\s\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r])/gu;

/** One field: text is quoted, and never a formula. */
function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // A leading apostrophe makes the field text.
  return `"${undisguised(value).replaceAll(formulaStart, "'").replaceAll('"', '""')}"`;
}

const csvLine = (fields: readonly (string | number | null)[]): string =>
  `${fields.map(csvField).join(',')}\r\n`;
const iso = (ms: number): string => new Date(ms).toISOString();

function lineOf(order: ExportedItem, shown: ShownIds): string {
  const { unitPrice, currency } = order;
  const total = order.quantity * unitPrice;
  return csvLine([
    shown.id(order.id),
    shown.number(order.id),
    order.sku,
    order.item,
    order.quantity,
    toMajorText(unitPrice, currency),
    toMajorText(total, currency),
    toMajorText(order.orderTotal, currency),
    currency,
    unitPrice,
    total,
    order.orderTotal,
    order.status,
    iso(order.createdAt),
    iso(order.holdExpiresAt),
    order.email,
    order.name,
    order.phone,
    order.address,
    order.trackingCode,
    order.dispute,
    toMajorText(order.refunded, currency),
    order.refunded,
  ]);
}

/** Yields the header, then pages of lines; orders placed during the export come at the end. */
export function* ordersCsv(source: RowSource, dropId: number, shown: ShownIds): Generator<string> {
  const page = source.query<ExportedItem>(`
    select orders.id, items.sku, items.name as item, bought.value ->> 1 as quantity,
      bought.value ->> 2 as unitPrice, total as orderTotal, currency, status, orders.created_at as createdAt, hold_expires_at as holdExpiresAt, email, orders.name, phone, address,
      tracking_code as trackingCode, dispute, (
        select coalesce(sum(refunds.amount), 0) from payments join refunds on payment_id = payments.id
        where order_id = orders.id and refunds.status in ('sent', 'settled')
          and reason not in (${boughtNothing.map((reason) => `'${reason}'`)})
      ) as refunded
    from (select * from orders where drop_id = ? and id > ? order by id limit ${EXPORT_PAGE_ORDERS}) as orders
      join drops on drops.id = orders.drop_id
      join json_each(orders.items) as bought
      join items on items.id = bought.value ->> 0
    order by orders.id, bought.key`);
  yield byteOrderMark + csvLine(header);
  for (let afterId = 0; ; ) {
    const orders = [...page(dropId, afterId)];
    const last = orders.at(-1);
    if (!last) return;
    afterId = last.id;
    yield orders.map((order) => lineOf(order, shown)).join('');
  }
}
