/** Commands as the routes send them, with defaults for what a test does not care about. */
import type { CreateDrop, NewDrop, PlaceHold, RecordPayment, WantedItem } from '../../src/domain/command.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Outcome } from '../../src/domain/outcome.ts';

/**
 * A time at which every drop of `createDrop` sells, before time-ordered keys: the first orders are
 * 1, 2 and 3.
 */
export const noon = Date.UTC(2026, 0, 31, 12);
export const minuteMs = 60_000;

/** A drop that has been live for an hour, with one item of 5 units at 12.50. */
export const createDrop = (changes: Partial<NewDrop> = {}): CreateDrop => ({
  kind: 'createDrop',
  actor: 'operator',
  drop: {
    slug: 'drop',
    title: 'A drop',
    description: '',
    imageUrl: null,
    currency: 'EUR',
    perCustomer: null,
    startsAt: noon - 60 * minuteMs,
    endsAt: null,
    holdSeconds: 600,
    published: true,
    items: [{ sku: 'one', name: 'One size', price: 1250, stock: 5 }],
    ...changes,
  },
});

/** One unit of the first item for `customer`, without a key; `items` replaces both. */
export const placeHold = (
  customer: string,
  { itemId = 1, quantity = 1, ...changes }: Partial<PlaceHold & WantedItem> = {},
): PlaceHold => ({
  kind: 'placeHold',
  items: [{ itemId, quantity }],
  customer,
  customerPhone: null,
  idempotencyKey: null,
  plainKey: null,
  fingerprint: `of ${customer}`,
  contact: { email: `${customer}@example.com`, name: null, phone: null, address: null },
  ...changes,
});

/** The order of an accepted hold; throws if the hold was refused. */
export function placed(outcome: Outcome<PlaceHold>): Order {
  if (outcome.kind !== 'held') throw new Error(`A hold was answered by ${outcome.kind}.`);
  return outcome.order;
}

/** The exact payment for one unit of `createDrop`'s item; another `eventId` is another payment. */
export function recordPayment(orderId: number | null, changes: Partial<RecordPayment> = {}): RecordPayment {
  const { eventId = `event of ${orderId}` } = changes;
  return {
    kind: 'recordPayment',
    provider: 'sandbox',
    eventId,
    reference: `payment of ${eventId}`,
    orderId,
    status: 'paid',
    amount: 1250,
    currency: 'EUR',
    ...changes,
  };
}
