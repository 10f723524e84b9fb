/** Types of the shop's public API. A test compares them with the routes' schemas. */

/** `live` sells; `sold_out` may sell again when a hold expires. */
export type DropPhase = 'draft' | 'scheduled' | 'live' | 'sold_out' | 'paused' | 'ended';

export interface Item {
  /** Identifies the item within its drop. */
  sku: string;
  name: string;
  /** Price of one unit, in minor units of the drop's currency (cents). */
  price: number;
  /** Units in total: available + held + sold. */
  stock: number;
  available: number;
  /** Units that await payment. */
  held: number;
  sold: number;
}

export interface Drop {
  id: string;
  /** Part of the drop's URL. */
  slug: string;
  title: string;
  /** May contain line breaks, and may be empty. */
  description: string;
  /** An https URL, or a path on the shop's origin. */
  imageUrl: string | null;
  /** ISO 4217. */
  currency: string;
  /** Units per customer; null: no limit. */
  perCustomer: number | null;
  /** ISO 8601. */
  startsAt: string;
  /** ISO 8601; null: when an operator closes it. */
  endsAt: string | null;
  phase: DropPhase;
  items: Item[];
}

export interface Customer {
  /** Case-insensitive. */
  email: string;
  name?: string | undefined;
  /** In international form, such as +4915112345678. */
  phone?: string | undefined;
  /** Delivery address; may contain line breaks. */
  address?: string | undefined;
}

export interface PurchaseRequest {
  /** The drop's id or slug. */
  dropId: string;
  /** The units of each item, from 1: all of them are held, or none. */
  items?: { sku: string; quantity: number }[] | undefined;
  /** Short form of one item, instead of `items`; may be omitted if the drop has a single item. */
  sku?: string | undefined;
  /** Short form of one item: its units. */
  quantity?: number | undefined;
  customer: Customer;
}

export interface OrderItem {
  sku: string;
  name: string;
  quantity: number;
  /** In minor units, at the time of the hold. */
  unitPrice: number;
  /** In minor units. */
  total: number;
}

export interface Order {
  id: string;
  /** For humans: at most 15 digits. */
  number: string;
  dropId: string;
  items: OrderItem[];
  /** Only if the order has a single item, like `quantity` and `unitPrice`. */
  sku?: string | undefined;
  quantity?: number | undefined;
  unitPrice?: number | undefined;
  /** What the customer pays, in minor units. */
  total: number;
  /** ISO 4217. */
  currency: string;
  /** held -> paid -> fulfilled; held -> released; paid -> refunding -> refunded */
  status: 'held' | 'paid' | 'fulfilled' | 'released' | 'refunding' | 'refunded';
  /** ISO 8601: when an unpaid order loses its units. */
  holdExpiresAt: string;
  /** ISO 8601. */
  createdAt: string;
  /** The carrier's number, once the order is shipped. */
  trackingCode?: string | undefined;
  releaseReason?: 'expired' | 'cancelled' | 'unpayable' | 'erased' | undefined;
  /** Present once the payer has disputed the payment at their bank. */
  dispute?: 'open' | 'lost' | 'won' | undefined;
}

export interface Purchase {
  order: Order;
  /** Secret of this order: anyone who holds it can view and cancel the order. Store it. */
  token: string;
  payment: {
    /** The page that leads the buyer to the payment provider. */
    url: string;
    /** ISO 8601: when the hold ends if it is not paid. */
    expiresAt: string;
  };
}

export interface Payment {
  provider: string;
  status: 'paid' | 'declined';
  /** In minor units. */
  amount: number;
  currency: string;
  /** ISO 8601. */
  createdAt: string;
}

export interface Refund {
  status: 'pending' | 'sent' | 'failed' | 'settled';
  reason:
    | 'sold_out'
    | 'limit_reached'
    | 'paid_twice'
    | 'wrong_amount'
    | 'unknown_order'
    | 'operator'
    | 'outside'
    | 'customer_erased';
  /** In minor units. */
  amount: number;
  currency: string;
  /** ISO 8601. */
  createdAt: string;
  /** ISO 8601; null until the provider has accepted it. */
  sentAt: string | null;
}

export interface OrderState {
  order: Order;
  payments: Payment[];
  refunds: Refund[];
}

export type SandboxOutcome = 'paid' | 'declined' | 'paid_late';

/** A refusal by the server (RFC 9457). */
export interface Problem {
  /** Path of the server's page about the code. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Stable identifier for programs. */
  code: string;
  /** Fields that broke a rule, and the rules. */
  errors?: { path: string; message: string }[] | undefined;
}
