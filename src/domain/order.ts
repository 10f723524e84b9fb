/** One customer, one item, a quantity: the order, its money, and the one table of its legal transitions. */

export type OrderStatus = 'held' | 'paid' | 'fulfilled' | 'released' | 'refunding' | 'refunded';
export const releaseReasons = ['expired', 'cancelled', 'unpayable', 'erased'] as const;
export type ReleaseReason = (typeof releaseReasons)[number];

/** Personal data of a customer; every field may be gone after a deletion. */
export interface Contact {
  email: string | null;
  name: string | null;
  /** E.164. */
  phone: string | null;
  address: string | null;
}

export interface Order extends Contact {
  id: number;
  dropId: number;
  itemId: number;
  quantity: number;
  /** Minor units, as it was when the hold was placed. */
  unitPrice: number;
  status: OrderStatus;
  createdAt: number;
  holdExpiresAt: number;
  /** The carrier's number of the parcel, once it is on its way. */
  trackingCode: string | null;
  /** Why it was released; null in every other status. */
  releaseReason: ReleaseReason | null;
  /** The most serious state of the disputes of its payments; null without any. */
  dispute: DisputeStatus | null;
}

/** From the most serious to the least: what an order with several disputes shows. */
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
  // The customer was erased before the money came.
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
  /** A code; null where nothing went wrong last. */
  lastError: string | null;
  /** How an operator settled it; null before, and once the customer is erased. */
  note: string | null;
}

/** The reasons of refunds that can end their order; any other leaves the order as it is. */
export const endingReasons = ['sold_out', 'limit_reached', 'operator', 'outside', 'customer_erased'] as const;
export const endsOrder = (reason: RefundReason): boolean =>
  (endingReasons as readonly RefundReason[]).includes(reason);

/** Every legal transition; any other one is an error. */
export const orderTransitions = {
  held: ['paid', 'released'],
  // Money that comes after the release takes a unit again if one is free, else it goes back.
  released: ['paid', 'refunding'],
  // A refund that is made in the provider's dashboard is sent once it is heard of.
  paid: ['fulfilled', 'refunding', 'refunded'],
  fulfilled: [],
  refunding: ['refunded'],
  // A provider can take back that a refund succeeded: the money is owed again.
  refunded: ['refunding'],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

/** The statuses in which an order has units: what stock and a customer's limit count. */
export const statusesWithUnits = ['held', 'paid', 'fulfilled'] as const satisfies readonly OrderStatus[];

/** Whether a customer still waits for the order's goods or money. Of other money that is owed its refunds tell. */
export const isOwed = (status: OrderStatus): boolean => status === 'paid' || status === 'refunding';

/** Whether the payment is disputed or was lost: the goods go out only where an operator insists. */
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
  // The money moves through an open dispute; a lost one has taken it.
  if (dispute === 'open' || (dispute === 'lost' && left <= 0)) return { kind: 'refund_disputed', dispute };
  return left > 0 ? null : { kind: 'wrong_status', status };
}

/** Whether an order may go from one status to the other. */
export const canBecome = (from: OrderStatus, to: OrderStatus): boolean =>
  (orderTransitions[from] as readonly OrderStatus[]).includes(to);
