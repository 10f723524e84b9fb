/**
 * A drop's orders as CSV (RFC 4180), a page at a time: no page holds a snapshot open, so the WAL
 * can restart between them. The text begins with a byte-order mark: without it, Excel on Windows
 * reads UTF-8 as the system's code page.
 */
import { toMajorText } from '../domain/money-text.ts';
import type { RefundReason } from '../domain/order.ts';
import { undisguised } from '../domain/visible-text.ts';
import { EXPORT_PAGE_ORDERS } from '../limits.ts';
import type { RowSource } from './row-source.ts';

interface ExportedOrder {
  id: number;
  sku: string;
  item: string;
  quantity: number;
  unitPrice: number;
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
  /** Minor units of the price that went back. */
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
  'currency',
  'unit price in minor units',
  'total in minor units',
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

/** Reasons for refunds of money that came beside the price of its order. */
const boughtNothing: readonly RefundReason[] = ['paid_twice', 'wrong_amount'];

/**
 * Where a spreadsheet would run a formula: at the start of a field, including blanks, zero-width
 * characters and full-width signs. A program whose separator is a semicolon or a tab, as in Europe,
 * may also begin a field after one of these, or after a line break.
 */
const formulaStart = /(?<=^|[;\t\n]|\r(?!\n))(?=[\s\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r])/gu;

/** One field: text is quoted, and never a formula. */
function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // An apostrophe makes it text.
  return `"${undisguised(value).replaceAll(formulaStart, "'").replaceAll('"', '""')}"`;
}

const csvLine = (fields: readonly (string | number | null)[]): string =>
  `${fields.map(csvField).join(',')}\r\n`;
const iso = (ms: number): string => new Date(ms).toISOString();

function lineOf(order: ExportedOrder, shown: ShownIds): string {
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
    currency,
    unitPrice,
    total,
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

/** Yields the header, then pages of lines; orders placed meanwhile come at the end. */
export function* ordersCsv(source: RowSource, dropId: number, shown: ShownIds): Generator<string> {
  const page = source.query<ExportedOrder>(`
    select orders.id, items.sku, items.name as item, quantity, unit_price as unitPrice, currency, status,
      orders.created_at as createdAt, hold_expires_at as holdExpiresAt, email, orders.name, phone, address,
      tracking_code as trackingCode, dispute, (
        select coalesce(sum(refunds.amount), 0) from payments join refunds on payment_id = payments.id
        where order_id = orders.id and refunds.status in ('sent', 'settled')
          and reason not in (${boughtNothing.map((reason) => `'${reason}'`)})
      ) as refunded
    from orders join items on items.id = item_id join drops on drops.id = orders.drop_id
    where orders.drop_id = ? and orders.id > ?
    order by orders.id limit ${EXPORT_PAGE_ORDERS}`);
  yield byteOrderMark + csvLine(header);
  for (let afterId = 0; ; ) {
    const orders = [...page(dropId, afterId)];
    const last = orders.at(-1);
    if (!last) return;
    afterId = last.id;
    yield orders.map((order) => lineOf(order, shown)).join('');
  }
}
