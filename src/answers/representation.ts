/**
 * JSON of drops, orders and money: public ids, ISO times, and no field that its reader may not see.
 */
import type { GenericSchema, InferOutput } from 'valibot';
import type { RefundOfOrder } from '../database/money-reads.ts';
import type { OrderWithMoney } from '../database/order-reads.ts';
import type { Presentation } from '../database/snapshot.ts';
import { availableUnits, type Drop, isOnOffer, phaseOf } from '../domain/drop.ts';
import { type NamedItem, namedItems } from '../domain/named-items.ts';
import type { Order, Refund } from '../domain/order.ts';
import { refundFailureText } from '../domain/refund-failure.ts';
import { type Jurisdiction, jurisdictionOf } from '../domain/shard.ts';
import type { Ids } from '../ids/ids.ts';
import { type Providers, whyUnpayable } from '../payments/chargeable.ts';
import type * as answers from './schemas.ts';

/** The published schema's type, so that the functions below can't drift from it. */
type Answer<S extends GenericSchema> = InferOutput<S>;

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

export function dropJson(drop: Drop, now: number, ids: Ids): Answer<typeof answers.drop> {
  return {
    id: ids.drop(drop.id),
    slug: drop.slug,
    title: drop.title,
    description: drop.description,
    imageUrl: drop.imageUrl,
    currency: drop.currency,
    perCustomer: drop.perCustomer,
    startsAt: iso(drop.startsAt),
    endsAt: isoOrNull(drop.endsAt),
    phase: phaseOf(drop, now),
    items: drop.items.map((item) => ({
      sku: item.sku,
      name: item.name,
      price: item.price,
      stock: item.stock,
      available: availableUnits(item),
      held: item.held,
      sold: item.sold,
    })),
  };
}

/** The operator's view of a drop: the public fields and some more. */
export const adminDropJson = (
  drop: Drop,
  now: number,
  ids: Ids,
  { providers, locations }: { providers: Providers; locations?: { jurisdictions: readonly Jurisdiction[] } },
): Answer<typeof answers.adminDrop> => ({
  ...dropJson(drop, now, ids),
  published: drop.published,
  paused: drop.paused,
  holdSeconds: drop.holdSeconds,
  createdAt: iso(drop.createdAt),
  jurisdiction: locations ? jurisdictionOf(drop.id) : null,
  unpayable: isOnOffer(drop, now) ? whyUnpayable(providers, drop) : null,
});

export const dropPresentation = (ids: Ids): Presentation => ({
  dropId: (dropId) => ids.drop(dropId),
  drop: (drop, now) => dropJson(drop, now, ids),
});

/** The short form of an order of one item, as in a purchase. */
const onlyItem = (items: readonly NamedItem[]) => {
  const [first, second] = items;
  if (!first || second) return undefined;
  const { sku, quantity, unitPrice } = first;
  return { sku, quantity, unitPrice };
};

/** `drop` must be the order's own: it provides the currency and the names of the items. */
export function orderJson(order: Order, drop: Drop, ids: Ids): Answer<typeof answers.order> {
  const items = namedItems(order, drop);
  return {
    id: ids.order({ dropId: order.dropId, orderId: order.id }),
    number: String(ids.orderNumber(order.id)),
    dropId: ids.drop(order.dropId),
    items,
    ...onlyItem(items),
    total: order.total,
    currency: drop.currency,
    status: order.status,
    holdExpiresAt: iso(order.holdExpiresAt),
    createdAt: iso(order.createdAt),
    ...(order.trackingCode !== null && { trackingCode: order.trackingCode }),
    ...(order.releaseReason !== null && { releaseReason: order.releaseReason }),
    ...(order.dispute !== null && { dispute: order.dispute }),
  };
}

export const adminOrderJson = (order: Order, drop: Drop, ids: Ids): Answer<typeof answers.adminOrder> => ({
  ...orderJson(order, drop, ids),
  email: order.email,
  name: order.name,
  phone: order.phone,
  address: order.address,
});

export const adminOrderWithMoneyJson = (
  found: OrderWithMoney,
  refundable: number,
  drop: Drop,
  ids: Ids,
): Answer<typeof answers.adminOrderAnswer> => ({
  ...orderWithMoneyJson(found, drop, ids),
  refundable,
  order: adminOrderJson(found.order, drop, ids),
  refunds: found.refunds.map((refund) => ({
    id: ids.refund(refund.id),
    ...refundOfOrderJson(refund),
    ...failureJson(refund),
  })),
});

const refundOfOrderJson = ({ status, reason, amount, currency, createdAt, sentAt }: Refund) => ({
  status,
  reason,
  amount,
  currency,
  createdAt: iso(createdAt),
  sentAt: isoOrNull(sentAt),
});
const failureJson = ({ lastError, note }: Refund) => ({
  lastError,
  lastErrorDetail: lastError === null ? null : refundFailureText(lastError),
  note,
});

/** A refund in the operator's list. */
export const refundJson = (refund: RefundOfOrder, ids: Ids): Answer<typeof answers.refund> => ({
  id: ids.refund(refund.id),
  orderId:
    refund.orderId === null || refund.dropId === null
      ? null
      : ids.order({ dropId: refund.dropId, orderId: refund.orderId }),
  provider: refund.provider,
  status: refund.status,
  reason: refund.reason,
  amount: refund.amount,
  currency: refund.currency,
  attempts: refund.attempts,
  ...failureJson(refund),
  createdAt: iso(refund.createdAt),
  sentAt: isoOrNull(refund.sentAt),
});

export const orderWithMoneyJson = (
  { order, payments, refunds }: OrderWithMoney,
  drop: Drop,
  ids: Ids,
): Answer<typeof answers.orderAnswer> => ({
  order: orderJson(order, drop, ids),
  payments: payments.map(({ provider, status, amount, currency, createdAt }) => ({
    provider,
    status,
    amount,
    currency,
    createdAt: iso(createdAt),
  })),
  refunds: refunds.map(refundOfOrderJson),
});
