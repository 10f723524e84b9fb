/** The shapes of every JSON answer, as schemas: the published document and the typed client are made from them. */
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
import { count, currency, dropId, money, orderId, text, time, timeOrNull } from './answer-fields.ts';

const orderStatuses = Object.keys(orderTransitions) as [OrderStatus, ...OrderStatus[]];

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
    published: v.boolean(),
    paused: v.boolean(),
    holdSeconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('How long a hold lasts')),
    createdAt: time('When it was made'),
    jurisdiction: v.pipe(
      v.nullable(v.picklist(jurisdictions)),
      v.description('On Workers: where the drop is kept and runs; null: anywhere'),
    ),
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
    dispute: v.optional(
      v.pipe(
        v.picklist(disputeStatuses),
        v.description('Present once the payer has disputed the payment at their bank'),
      ),
    ),
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

const refundReason = v.picklist(refundReasons);
const refundStatus = v.picklist(refundStatuses);

const refundOfOrder = v.object({
  status: refundStatus,
  reason: refundReason,
  amount: money('What goes back'),
  currency,
  createdAt: time('When it became due'),
  sentAt: v.pipe(v.nullable(v.string()), v.description('When the provider took it; null before')),
});

const failure = v.object({
  lastError: v.pipe(v.nullable(v.string()), v.description('The code of what went wrong last')),
  lastErrorDetail: v.pipe(
    v.nullable(v.string()),
    v.description('The same in words; the code again where there are none'),
  ),
  note: v.pipe(
    v.nullable(v.string()),
    v.description('How an operator settled it; null before, and once the customer is erased'),
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
  refundable: money('What a refund would return now; 0 where it would be refused'),
  refunds: v.array(v.object({ id: refundId, ...refundOfOrder.entries, ...failure.entries })),
});

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
    id: refundId,
    orderId: v.pipe(v.nullable(v.string()), v.description('null: the money came for no order of ours')),
    provider: text('Who sends it back', 'stripe'),
    ...refundOfOrder.entries,
    attempts: count('How often the provider was asked, since the last retry by an operator if there was one'),
    ...failure.entries,
  }),
  v.description('Money on its way back, or given up.'),
);

const cursor = v.pipe(v.nullable(v.string()), v.description('For the next page; null: this is the last'));
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
    nextHoldExpiresAt: v.pipe(timeOrNull, v.description('When units may come back; null: nothing is held')),
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
  checkouts: count('Checkouts that were asked about'),
  payments: count('Payments that were not known here'),
  movements: count('Disputes and refunds whose report changed something here'),
  failed: count(
    'Checkouts whose provider could not be asked or did not know them, and providers that could not be asked about disputes and refunds',
  ),
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
export const returned = v.object({ slug: v.string() });
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
