/** A drop's orders as CSV (RFC 4180), a page at a time: no page holds a snapshot open, so the WAL can start anew between them. */
import { EXPORT_PAGE_ORDERS } from '../limits.ts';
import type { RowSource } from './row-source.ts';

interface ExportedOrder {
  id: number;
  sku: string;
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
}

const header = [
  'order',
  'sku',
  'quantity',
  'unit price',
  'total',
  'currency',
  'status',
  'created at',
  'hold expires at',
  'e-mail',
  'name',
  'phone',
  'address',
  'tracking code',
];

const needsQuotes = /[",\r\n]/;
// A spreadsheet would run these as a formula; the apostrophe makes them text.
const looksLikeFormula = /^[=+\-@\t\r]/;

/** One field, quoted where it must be, and never a formula. */
function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = looksLikeFormula.test(value) ? `'${value}` : value;
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csvLine = (fields: readonly (string | number | null)[]): string =>
  `${fields.map(csvField).join(',')}\r\n`;
const iso = (ms: number): string => new Date(ms).toISOString();

/** Yields the header and then pages of lines; orders placed while it runs come at the end. */
export function* ordersCsv(
  source: RowSource,
  dropId: number,
  publicId: (orderId: number) => string,
): Generator<string> {
  const page = source.query<ExportedOrder>(`
    select orders.id, items.sku, quantity, unit_price as unitPrice, currency, status,
      orders.created_at as createdAt, hold_expires_at as holdExpiresAt, email, orders.name, phone, address,
      tracking_code as trackingCode
    from orders join items on items.id = item_id join drops on drops.id = orders.drop_id
    where orders.drop_id = ? and orders.id > ?
    order by orders.id limit ${EXPORT_PAGE_ORDERS}`);
  yield csvLine(header);
  for (let afterId = 0; ; ) {
    const orders = [...page(dropId, afterId)];
    const last = orders.at(-1);
    if (!last) return;
    afterId = last.id;
    yield orders
      .map((order) =>
        csvLine([
          publicId(order.id),
          order.sku,
          order.quantity,
          order.unitPrice,
          order.quantity * order.unitPrice,
          order.currency,
          order.status,
          iso(order.createdAt),
          iso(order.holdExpiresAt),
          order.email,
          order.name,
          order.phone,
          order.address,
          order.trackingCode,
        ]),
      )
      .join('');
  }
}
