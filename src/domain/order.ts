/** Orders, payments and refunds, and the table of legal transitions of an order. */

export type OrderStatus = 'held' | 'paid' | 'fulfilled' | 'released' | 'refunding' | 'refunded';
export const releaseReasons = ['expired', 'cancelled', 'unpayable', 'erased'] as const;
export type ReleaseReason = (typeof releaseReasons)[number];

/** Personal data of a customer; any field may be deleted. */
export interface Contact {
  email: string | null;
  name: string | null;
  /** E.164. */
  phone: string | null;
  address: string | null;
}

/** Units of one item in an order. */
export interface OrderItem {
  itemId: number;
  quantity: number;
  /** Minor units for one unit, at the time of the hold. */
  unitPrice: number;
}

/** What an order occupies: the units of each item, at least one item. */
export interface OrderUnits {
  id: number;
  items: readonly OrderItem[];
  /** Units of all items. */
  units: number;
}

export const unitsOf = (items: readonly Pick<OrderItem, 'quantity'>[]): number =>
  items.reduce((units, { quantity }) => units + quantity, 0);

/** In minor units. */
export const totalOf = (items: readonly OrderItem[]): number =>
  items.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0);

export interface Order extends OrderUnits, Contact {
  dropId: number;
  /** What the customer pays, in minor units. */
  total: number;
  status: OrderStatus;
  createdAt: number;
  holdExpiresAt: number;
  /** The carrier's parcel number, once shipped. */
  trackingCode: string | null;
  /** Why it was released; null in every other status. */
  releaseReason: ReleaseReason | null;
  /** The most serious state of the disputes of its payments; null without any. */
  dispute: DisputeStatus | null;
}

/**
 * From the most to the least serious; an order with several disputes shows the first that applies.
 */
export const disputeStatuses = ['open', 'lost', 'won'] as const;
export type DisputeStatus = (typeof disputeStatuses)[number];

export interface Payment {
  id: number;
  provider: string;
  status: 'paid' | 'declined';
  amount: number;
  currency: string;
  createdAt: number;
}

export const refundReasons = [
  'sold_out',
  'limit_reached',
  'paid_twice',
  'wrong_amount',
  'unknown_order',
  'operator',
  // Made in the provider's dashboard.
  'outside',
  // The customer's data was deleted before the payment arrived.
  'customer_erased',
] as const;
export type RefundReason = (typeof refundReasons)[number];

/** `settled`: an operator returned the money by hand after the refund had failed. */
export const refundStatuses = ['pending', 'sent', 'failed', 'settled'] as const;
export type RefundStatus = (typeof refundStatuses)[number];

export interface Refund {
  id: number;
  paymentId: number;
  status: RefundStatus;
  reason: RefundReason;
  amount: number;
  currency: string;
  createdAt: number;
  /** When it was sent or settled. */
  sentAt: number | null;
  /** A code; null if the last attempt did not fail. */
  lastError: string | null;
  /** How an operator settled it; null before, and after the customer's data is deleted. */
  note: string | null;
}

/** The reasons of refunds that can end their order; any other leaves the order as it is. */
export const endingReasons = ['sold_out', 'limit_reached', 'operator', 'outside', 'customer_erased'] as const;
export const endsOrder = (reason: RefundReason): boolean =>
  (endingReasons as readonly RefundReason[]).includes(reason);

/** Every legal transition; any other is an error. */
export const orderTransitions = {
  held: ['paid', 'released'],
  // A payment after the release takes units again if they are available; otherwise it is refunded.
  released: ['paid', 'refunding'],
  // A refund made in the provider's dashboard is already sent when it is reported.
  paid: ['fulfilled', 'refunding', 'refunded'],
  fulfilled: [],
  refunding: ['refunded'],
  // A provider can revoke the success of a refund; the money is then due again.
  refunded: ['refunding'],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

/** Statuses in which an order occupies units, for the stock and a customer's limit. */
export const statusesWithUnits = ['held', 'paid', 'fulfilled'] as const satisfies readonly OrderStatus[];

/** Whether a customer still awaits the order's goods or money; refund rows cover other money. */
export const isOwed = (status: OrderStatus): boolean => status === 'paid' || status === 'refunding';

/**
 * Whether a dispute of the payment is open or lost; fulfilment then needs an operator's consent.
 */
export const isDisputed = (dispute: DisputeStatus | null | undefined): dispute is 'open' | 'lost' =>
  dispute === 'open' || dispute === 'lost';

type RefundRefusal =
  | { kind: 'refund_disputed'; dispute: 'open' | 'lost' }
  | { kind: 'wrong_status'; status: OrderStatus };

/** Why an operator cannot refund an order with `left` of its payment left; null if they can. */
export function refundRefusal(
  { status, dispute }: Pick<Order, 'status' | 'dispute'>,
  left: number,
): RefundRefusal | null {
  if (status !== 'paid') return { kind: 'wrong_status', status };
  // An open dispute may still move the money; a lost one has taken it.
  if (dispute === 'open' || (dispute === 'lost' && left <= 0)) return { kind: 'refund_disputed', dispute };
  return left > 0 ? null : { kind: 'wrong_status', status };
}

/** Whether an order may go from one status to the other. */
export const canBecome = (from: OrderStatus, to: OrderStatus): boolean =>
  (orderTransitions[from] as readonly OrderStatus[]).includes(to);
