/** The shapes of every JSON answer, as schemas: the published document and the typed client are made from them. */
import * as v from 'valibot';
import { dropPhases } from '../domain/drop.ts';
import { type OrderStatus, orderTransitions, refundStatuses, releaseReasons } from '../domain/order.ts';
import { REFUND_ATTEMPTS_MAX } from '../limits.ts';

const orderStatuses = Object.keys(orderTransitions) as [OrderStatus, ...OrderStatus[]];

const text = (description: string, example: string) =>
  v.pipe(v.string(), v.metadata({ description, examples: [example] }));
const time = (description: string) =>
  v.pipe(v.string(), v.isoTimestamp(), v.metadata({ description, examples: ['2027-01-31T18:00:00.000Z'] }));
const count = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));
const money = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(`${description}, in minor units`));
const currency = text('ISO 4217', 'EUR');
const dropId = text('Public id of a drop', 'drp_QmFzZTY0dXJsIDIyIGNo');
const orderId = text('Public id of an order: it tells neither time nor count', 'ord_9tY0dXJsIDIyIGNoYXJzIQ');

const item = v.object({
  sku: text('Names the item within its drop', 'eu-42'),
  name: text('As buyers see it', 'EU 42'),
  price: money('Price of one unit'),
  stock: count('Units there are in all'),
  available: count('Units that can be bought now: stock - held - sold'),
  held: count('Units that wait for their money'),
  sold: count('Units that are paid for'),
});

export const drop = v.pipe(
  v.object({
    id: dropId,
    slug: text('The drop’s name in addresses', 'summer-sneaker'),
    title: text('As buyers see it', 'Summer Sneaker'),
    description: v.pipe(v.string(), v.description('May have line breaks, and may be empty')),
    imageUrl: v.pipe(v.nullable(v.string()), v.description('An https address, or a path of this server')),
    currency,
    perCustomer: v.pipe(
      v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
      v.description('Units that one customer may have; null: no limit'),
    ),
    startsAt: time('When it opens'),
    endsAt: v.pipe(v.nullable(time('When it ends')), v.description('null: when it is closed')),
    phase: v.pipe(v.picklist(dropPhases), v.description('Derived from the clock and the stock')),
    items: v.array(item),
  }),
  v.description('What opens at a time, with what it sells.'),
);

export const adminDrop = v.pipe(
  v.object({
    ...drop.entries,
    ...{ published: v.boolean(), paused: v.boolean() },
    holdSeconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('How long a hold lasts')),
    createdAt: time('When it was made'),
    unpayable: v.nullable(
      text('Why no payment provider can charge what is on offer', 'stripe does not take IRR.'),
    ),
  }),
  v.description('A drop as its operator sees it.'),
);

export const order = v.pipe(
  v.object({
    id: orderId,
    number: text('For people: at most 15 digits; opens nothing without the token', '203948571203984'),
    dropId,
    sku: text('The item', 'eu-42'),
    quantity: v.pipe(v.number(), v.integer(), v.minValue(1)),
    unitPrice: money('Price of one unit when the hold was placed'),
    total: money('unitPrice x quantity'),
    currency,
    status: v.pipe(
      v.picklist(orderStatuses),
      v.description('held -> paid -> fulfilled; held -> released; paid -> refunding -> refunded'),
    ),
    holdExpiresAt: time('Until when an unpaid order keeps its units'),
    createdAt: time('When the hold was placed'),
    trackingCode: v.optional(text('The carrier’s number, once there is one', 'JD014600006789')),
    releaseReason: v.optional(v.picklist(releaseReasons)),
  }),
  v.description('One customer, one item, a quantity.'),
);

export const adminOrder = v.pipe(
  v.object({
    ...order.entries,
    email: v.nullable(v.string()),
    name: v.nullable(v.string()),
    phone: v.nullable(v.string()),
    address: v.nullable(v.string()),
  }),
  v.description('An order with its customer; the personal fields are null once they are erased.'),
);

const payment = v.object({
  provider: text('Who took the money', 'stripe'),
  status: v.picklist(['paid', 'declined']),
  amount: money('What was paid'),
  currency,
  createdAt: time('When the server heard of it'),
});

const refundReason = v.picklist([
  'sold_out',
  'limit_reached',
  'paid_twice',
  'wrong_amount',
  'unknown_order',
  'operator',
]);
const refundStatus = v.picklist(refundStatuses);

const refundOfOrder = v.object({
  status: refundStatus,
  reason: refundReason,
  amount: money('What goes back'),
  currency,
  createdAt: time('When it became due'),
  sentAt: v.pipe(v.nullable(v.string()), v.description('When the provider took it; null before')),
});

export const orderAnswer = v.object({
  order,
  payments: v.array(payment),
  refunds: v.array(refundOfOrder),
});
export const adminOrderAnswer = v.object({ ...orderAnswer.entries, order: adminOrder });

export const purchaseAnswer = v.object({
  order,
  token: text('Secret of this order: whoever holds it may see and cancel it', 'kq3…'),
  payment: v.object({
    url: v.pipe(v.string(), v.url(), v.description('Page that leads the buyer on to the payment')),
    expiresAt: time('Until when the hold waits for the money'),
  }),
});

export const refund = v.pipe(
  v.object({
    id: text('Public id of a refund', 'rfd_4pY0dXJsIDIyIGNoYXJzIQ'),
    orderId: v.pipe(v.nullable(v.string()), v.description('null: the money came for no order of ours')),
    provider: text('Who sends it back', 'stripe'),
    ...refundOfOrder.entries,
    attempts: count(
      `A count of attempts; a retry moves it on to the next multiple of ${REFUND_ATTEMPTS_MAX}, where a series begins`,
    ),
    lastError: v.pipe(v.nullable(v.string()), v.description('The code of what went wrong last')),
  }),
  v.description('Money on its way back, or given up.'),
);

const cursor = v.pipe(v.nullable(v.string()), v.description('For the next page; null: this is the last'));
export const dropList = v.object({ drops: v.array(drop) });
export const adminDropList = v.object({ drops: v.array(adminDrop) });
export const orderList = v.object({ orders: v.array(adminOrder), nextCursor: cursor });
export const refundList = v.object({ refunds: v.array(refund), nextCursor: cursor });
export const retriedRefund = v.object({ id: v.string(), status: v.literal('pending') });

const tally = v.object({ count: count('How many'), amount: money('Their sum') });
const timeOrNull = v.nullable(v.pipe(v.string(), v.isoTimestamp()));
export const certificate = v.pipe(
  v.object({
    drop: v.object({ id: dropId, slug: v.string(), title: v.string() }),
    isClean: v.pipe(v.boolean(), v.description('Whether every promise holds')),
    currency,
    issuedAt: timeOrNull,
    items: v.array(
      v.object({
        sku: v.string(),
        price: money('Price of one unit'),
        stock: count('Units there are in all'),
        held: count('Units that wait for their money'),
        sold: count('Units that are paid for'),
      }),
    ),
    orders: v.pipe(v.record(v.string(), count('Orders')), v.description('How many, by status')),
    payments: tally,
    kept: tally,
    refunds: v.object({ pending: tally, sent: tally, failed: tally, settled: tally }),
    firstSaleAt: timeOrNull,
    lastSaleAt: timeOrNull,
    log: v.object({
      events: count('Events of all drops'),
      headSeq: count('Number of the last one'),
      head: text('Hash of the last link of the chain', '9f86d081…'),
    }),
    violations: v.pipe(v.array(v.string()), v.description('One sentence for each broken promise')),
  }),
  v.description('What the rows and the log say of a drop, recomputed.'),
);

export const certificateOfLanes = v.pipe(
  v.object({
    drop: v.object({ id: dropId, slug: v.string(), title: v.string() }),
    isClean: v.pipe(v.boolean(), v.description('Whether every promise holds in every lane')),
    violations: v.array(v.string()),
    lanes: v.array(certificate),
  }),
  v.description('The certificates of a drop that is split over lanes (Workers).'),
);

export const stock = v.pipe(
  v.object({
    dropId,
    phase: v.picklist(dropPhases),
    items: v.array(v.pick(item, ['sku', 'available', 'held', 'sold'])),
    nextHoldExpiresAt: v.pipe(timeOrNull, v.description('When units may come back; null: nothing is held')),
  }),
  v.description('The data of one `stock` event.'),
);

export const findAnswer = v.object({ accepted: v.literal(true) });
export const webhookAnswer = v.object({
  received: v.literal(true),
  effect: v.picklist(['paid', 'declined', 'refund_due', 'none']),
});
export const sandboxAnswer = v.object({
  outcome: v.picklist(['paid', 'declined', 'paid_late']),
  orderId,
});
export const reconciliation = v.object({
  checkouts: count('Checkouts that were asked about'),
  payments: count('Payments that were not known here'),
  failed: count('Checkouts whose provider could not be asked, or did not know them'),
});
export const erased = v.object({ orders: count('Orders whose personal data is gone') });
export const backup = v.object({
  file: text('Name of the file in the folder of backups', 'stampede-20270131T180000Z-1234.db'),
  bytes: count('Its size'),
  sha256: text('SHA-256 of the file, in hex', '9f86d081…'),
  lastSeq: count('The last event of the log that is in it'),
  createdAt: time('When it was begun'),
  removed: count('Older backups that went, as BACKUP_KEEP says'),
});
export const imported = v.object({ id: dropId, slug: v.string() });
export const problemDetails = v.pipe(
  v.object({
    type: text('A page that explains the problem', '/problems/sold_out'),
    title: v.string(),
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
    detail: v.string(),
    code: text('Stable: programs go by it', 'sold_out'),
    errors: v.optional(
      v.pipe(
        v.array(v.object({ path: v.string(), message: v.string() })),
        v.description('The fields that broke a rule, and the rules'),
      ),
    ),
  }),
  v.description('Problem details (RFC 9457). Nothing in it repeats what the client sent.'),
);
