/** Schemas of every JSON answer; the published document and the typed client are made from them. */
import * as v from 'valibot';
import { dropPhases } from '../domain/drop.ts';
import {
  disputeStatuses,
  type OrderStatus,
  orderTransitions,
  refundReasons,
  refundStatuses,
  releaseReasons,
} from '../domain/order.ts';
import { jurisdictions } from '../domain/shard.ts';
import { count, currency, dropId, money, orderId, text, time, timeOrNull } from './fields.ts';

const orderStatuses = Object.keys(orderTransitions) as [OrderStatus, ...OrderStatus[]];

const item = v.object({
  sku: text('Identifies the item within its drop', 'eu-42'),
  name: text('Shown to buyers', 'EU 42'),
  price: money('Price of one unit'),
  stock: count('Units in total'),
  available: count('Units that can be bought now: stock - held - sold'),
  held: count('Units reserved for unpaid orders'),
  sold: count('Units paid for'),
});

export const drop = v.pipe(
  v.object({
    id: dropId,
    slug: text('Part of the drop’s URL', 'summer-sneaker'),
    title: text('Shown to buyers', 'Summer Sneaker'),
    description: v.pipe(v.string(), v.description('May contain line breaks, and may be empty')),
    imageUrl: v.pipe(v.nullable(v.string()), v.description('An https URL, or a path on this server')),
    currency,
    perCustomer: v.pipe(
      v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
      v.description('Units per customer; null: no limit'),
    ),
    startsAt: time('When it opens'),
    endsAt: v.pipe(v.nullable(time('When it ends')), v.description('null: when an operator closes it')),
    phase: v.pipe(v.picklist(dropPhases), v.description('Derived from the clock and the stock')),
    items: v.array(item),
  }),
  v.description('A sale that opens at a set time, with its items.'),
);

export const adminDrop = v.pipe(
  v.object({
    ...drop.entries,
    published: v.boolean(),
    paused: v.boolean(),
    holdSeconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Seconds that a hold lasts')),
    createdAt: time('When it was created'),
    jurisdiction: v.pipe(
      v.nullable(v.picklist(jurisdictions)),
      v.description('On Workers: where the drop’s data is stored and processed; null: anywhere'),
    ),
    unpayable: v.nullable(
      text('Why no payment provider can charge the drop’s prices', 'stripe does not accept IRR.'),
    ),
  }),
  v.description('A drop as operators see it.'),
);

const orderItem = v.object({
  sku: text('Identifies the item within its drop', 'eu-42'),
  name: text('Shown to buyers', 'EU 42'),
  quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Units')),
  unitPrice: money('Price of one unit when the hold was placed'),
  total: money('unitPrice x quantity'),
});
const shortForm = v.partial(v.pick(orderItem, ['sku', 'quantity', 'unitPrice']));

export const order = v.pipe(
  v.object({
    id: orderId,
    number: text('For humans: at most 15 digits; gives no access without the token', '203948571203984'),
    dropId,
    items: v.array(orderItem),
    ...shortForm.entries,
    total: money('What the customer pays'),
    currency,
    status: v.pipe(
      v.picklist(orderStatuses),
      v.description('held -> paid -> fulfilled; held -> released; paid -> refunding -> refunded'),
    ),
    holdExpiresAt: time('When an unpaid order loses its units'),
    createdAt: time('When the hold was placed'),
    trackingCode: v.optional(text('The carrier’s parcel number, once known', 'JD014600006789')),
    releaseReason: v.optional(v.picklist(releaseReasons)),
    dispute: v.optional(
      v.pipe(
        v.picklist(disputeStatuses),
        v.description('Present once the payer has disputed the payment at their bank'),
      ),
    ),
  }),
  v.description('One customer and the units of one item or several.'),
);

export const adminOrder = v.pipe(
  v.object({
    ...order.entries,
    email: v.nullable(v.string()),
    name: v.nullable(v.string()),
    phone: v.nullable(v.string()),
    address: v.nullable(v.string()),
  }),
  v.description('An order with its customer; the personal fields are null once they are deleted.'),
);

const payment = v.object({
  provider: text('Payment provider', 'stripe'),
  status: v.picklist(['paid', 'declined']),
  amount: money('What was paid'),
  currency,
  createdAt: time('When the server received it'),
});

const refundReason = v.picklist(refundReasons);
const refundStatus = v.picklist(refundStatuses);

const refundOfOrder = v.object({
  status: refundStatus,
  reason: refundReason,
  amount: money('Amount to refund'),
  currency,
  createdAt: time('When it became due'),
  sentAt: v.pipe(v.nullable(v.string()), v.description('When the provider accepted it; null before')),
});

const failure = v.object({
  lastError: v.pipe(v.nullable(v.string()), v.description('Code of the last error')),
  lastErrorDetail: v.pipe(v.nullable(v.string()), v.description('The last error in words, or its code')),
  note: v.pipe(
    v.nullable(v.string()),
    v.description('How an operator settled it; null before, and after the customer’s data is deleted'),
  ),
});

export const orderAnswer = v.object({
  order,
  payments: v.array(payment),
  refunds: v.array(refundOfOrder),
});
const refundId = text('Public id of a refund', 'rfd_4pY0dXJsIDIyIGNoYXJzIQ');
export const adminOrderAnswer = v.object({
  ...orderAnswer.entries,
  order: adminOrder,
  refundable: money('What a refund would return now; 0 if it would be refused'),
  refunds: v.array(v.object({ id: refundId, ...refundOfOrder.entries, ...failure.entries })),
});

export const purchaseAnswer = v.object({
  order,
  token: text('Secret of this order; anyone who holds it can view and cancel the order', 'kq3…'),
  payment: v.object({
    url: v.pipe(v.string(), v.url(), v.description('Page that leads the buyer to the payment')),
    expiresAt: time('When the hold ends if it is not paid'),
  }),
});

export const refund = v.pipe(
  v.object({
    id: refundId,
    orderId: v.pipe(v.nullable(v.string()), v.description('null: the payment belongs to no order')),
    provider: text('Payment provider', 'stripe'),
    ...refundOfOrder.entries,
    attempts: count('Attempts at the provider, since the last retry by an operator if there was one'),
    ...failure.entries,
  }),
  v.description('A refund: pending, sent, failed or settled.'),
);

const cursor = v.pipe(
  v.nullable(v.string()),
  v.description('Cursor of the next page; null on the last page'),
);
export const dropList = v.object({ drops: v.array(drop) });
export const adminDropList = v.object({ drops: v.array(adminDrop) });
export const orderList = v.object({ orders: v.array(adminOrder), nextCursor: cursor });
export const refundList = v.object({ refunds: v.array(refund), nextCursor: cursor });
export const settledRefund = v.object({ id: v.string(), status: v.literal('settled') });
export const retriedRefund = v.object({ id: v.string(), status: v.literal('pending') });

export const stock = v.pipe(
  v.object({
    dropId,
    phase: v.picklist(dropPhases),
    items: v.array(v.pick(item, ['sku', 'available', 'held', 'sold'])),
    nextHoldExpiresAt: v.pipe(
      timeOrNull,
      v.description('When units may become available again; null: nothing is held'),
    ),
  }),
  v.description('The data of one `stock` event.'),
);

export const findAnswer = v.object({ accepted: v.literal(true) });
export const webhookAnswer = v.object({
  received: v.literal(true),
  effect: v.picklist(['paid', 'declined', 'refund_due', 'dispute', 'refund', 'none']),
});
export const sandboxAnswer = v.object({
  outcome: v.picklist(['paid', 'declined', 'paid_late']),
  orderId,
});
export const reconciliation = v.object({
  checkouts: count('Checkouts that were checked'),
  payments: count('Payments that were unknown before'),
  movements: count('Disputes and refunds that changed an order'),
  failed: count(
    'Checkouts whose provider did not answer or did not know them, and providers that did not answer about disputes and refunds',
  ),
});
export const erased = v.object({ orders: count('Orders whose personal data was deleted') });
export const backup = v.object({
  file: text('Name of the file in the backup folder', 'stampede-20270131T180000Z-1234.db'),
  bytes: count('Size in bytes'),
  sha256: text('SHA-256 of the file, in hex', '9f86d081…'),
  lastSeq: count('Last event of the log that the backup contains'),
  createdAt: time('When the backup began'),
  removed: count('Older backups deleted because of BACKUP_KEEP'),
});
export const returned = v.object({ slug: v.string() });
export const imported = v.object({ id: dropId, slug: v.string() });
export const problemDetails = v.pipe(
  v.object({
    type: text('A page that explains the problem', '/problems/sold_out'),
    title: v.string(),
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
    detail: v.string(),
    code: text('Stable identifier for programs', 'sold_out'),
    errors: v.optional(
      v.pipe(
        v.array(v.object({ path: v.string(), message: v.string() })),
        v.description('Fields that broke a rule, and the rules'),
      ),
    ),
  }),
  v.description('Problem details (RFC 9457). Nothing in it repeats what the client sent.'),
);
