/** Commands for the writer: plain values, because they reach its thread as JSON. */
import type { RunStatements } from '../split/statements.ts';
import type { DeliveryCommand } from './delivery-command.ts';
import type { Drop, Item } from './drop.ts';
import type { RecordMovement, SettleRefund } from './movement.ts';
import type { OperatorScope, OperatorWrite } from './operator.ts';
import type { Contact } from './order.ts';
import type { Location } from './shard.ts';

/** Units of one item that a purchase asks for. */
export interface WantedItem {
  itemId: number;
  quantity: number;
}

export interface PlaceHold {
  kind: 'placeHold';
  /** At least one; no item twice. */
  items: readonly WantedItem[];
  /** Keyed hash of the normalised e-mail. */
  customer: string;
  /** Keyed hash of the phone number; null if not given. */
  customerPhone: string | null;
  /** Keyed hash of the Idempotency-Key, as stored (domain/stored-key.ts). */
  idempotencyKey: string | null;
  /** The key as sent, because rows of earlier versions contain it; never written. */
  plainKey: string | null;
  /** Keyed hash of the whole request body: a key belongs to one body. */
  fingerprint: string;
  contact: Contact;
  /** The client's address and its bound; absent without limits. Never stored in a row. */
  client?: PurchaseClient;
}

export interface PurchaseClient {
  /** Keyed hash; null if there is no address. */
  address: string | null;
  /** Bound on the drop's unpaid units on hold from the address. */
  unpaidUnitsMax: number;
}

export interface CancelOrder {
  kind: 'cancelOrder';
  orderId: number;
}

/** Releases a hold whose checkout each payment provider has refused for good. */
export interface ReleaseUnpayable {
  kind: 'releaseUnpayable';
  orderId: number;
  /** The last provider that refused, and its error code. */
  provider: string;
  code: string;
}

/** Releases expired holds, a bounded number at a time. */
export interface ReleaseDue {
  kind: 'releaseDue';
  orders: number;
}

export interface RecordPayment {
  kind: 'recordPayment';
  provider: string;
  eventId: string;
  /** The provider's id of the payment; its money counts once, however many events report it. */
  reference: string;
  /** Null if the provider names an order that is not ours. */
  orderId: number | null;
  status: 'paid' | 'declined';
  amount: number;
  currency: string;
  /** The provider's id of a checkout that ends with this payment. */
  endedCheckout?: string;
}

/** Records a checkout for later queries. An order has at most one open checkout per provider. */
export interface RecordCheckout {
  kind: 'recordCheckout';
  orderId: number;
  provider: string;
  reference: string;
  url: string;
  expiresAt: number;
}

/** Closes a checkout that can have no more events; it is not queried again. */
export interface CloseCheckout {
  kind: 'closeCheckout';
  checkoutId: number;
}

/** Claims the next attempt of a refund before calling the provider, for later attempts to see. */
export interface BeginRefund {
  kind: 'beginRefund';
  refundId: number;
  /** Attempts before this one; refused if another process has claimed this attempt. */
  attempts: number;
  /** Minor units, as read; less may be due by now. */
  amount: number;
  /** When the next attempt may start if the result of this one is lost. */
  nextAttemptAt: number;
}

/** Stores the provider's answer to a refund. */
export interface FinishRefund {
  kind: 'finishRefund';
  refundId: number;
  result: 'sent' | 'retry' | 'failed';
  /** An error code of the provider's or ours; null if it was sent. */
  error: string | null;
  /** Whether the provider may replay its error; the next attempt then uses a new key. */
  isKeySpent?: boolean;
  /** The provider's id of a refund that was sent, if known. */
  reference?: string | null;
}

/** Starts another series of attempts for a failed refund. */
export interface RetryRefund extends OperatorWrite {
  kind: 'retryRefund';
  refundId: number;
}

/** Refunds a paid order. */
export interface RefundOrder extends OperatorWrite {
  kind: 'refundOrder';
  orderId: number;
  /** Whether buyers can buy its units again; otherwise they are removed from the stock. */
  restock: boolean;
}

export interface FulfilOrder extends OperatorWrite {
  kind: 'fulfilOrder';
  orderId: number;
  trackingCode: string | null;
  /** Fulfil despite an open or lost dispute. */
  despiteDispute?: boolean;
}

/** Deletes a customer's personal data and ends their holds; the orders stay, for accounting. */
export interface EraseCustomer {
  kind: 'eraseCustomer';
  actor: string;
  /** Keyed hash of the normalised e-mail. */
  customer: string;
  /** Open orders whose deletion the operator has confirmed. */
  openOrders: readonly number[];
  /** Returns the outcome without deleting anything. */
  isDryRun?: boolean;
  /** Plain keys in rows of earlier versions, with their new hashes, so that retries still match. */
  plainKeys?: readonly { plain: string; hashed: string }[];
}

/** Logs an action that changes no row. */
export interface LogAction {
  kind: 'logAction';
  actor: string;
  action: 'orders_exported' | 'orders_listed' | 'reconciled' | 'backed_up';
  dropId: number | null;
}

export interface AddOperator {
  kind: 'addOperator';
  actor: string;
  name: string;
  /** SHA-256 of the token, in hex. */
  tokenHash: string;
  scopes: readonly OperatorScope[];
}

export interface RevokeOperator {
  kind: 'revokeOperator';
  actor: string;
  operatorId: number;
}

export type NewItem = Pick<Item, 'sku' | 'name' | 'price' | 'stock'>;

export type NewDrop = Omit<Drop, 'id' | 'paused' | 'createdAt' | 'items'> & { items: readonly NewItem[] };

export interface CreateDrop extends OperatorWrite {
  kind: 'createDrop';
  /** The key that a catalogue has assigned; without one, the database assigns the next key. */
  dropId?: number;
  /** Number of shards, and their location, on runtimes with a choice. */
  shards?: number;
  location?: Location;
  drop: NewDrop;
}

/** Only fields that are set change; a new sku needs all its fields. */
export interface DropEdit {
  title?: string;
  description?: string;
  imageUrl?: string | null;
  perCustomer?: number | null;
  startsAt?: number;
  endsAt?: number | null;
  holdSeconds?: number;
  published?: boolean;
  paused?: boolean;
  items?: readonly { sku: string; name?: string; price?: number; stock?: number }[];
}

/** Marks a drop as moved to another deployment, or removes the mark. */
export interface MoveDrop {
  kind: 'moveDrop';
  actor: string;
  dropId: number;
  isMoved: boolean;
}

export interface EditDrop extends OperatorWrite {
  kind: 'editDrop';
  dropId: number;
  edit: DropEdit;
}

export interface Restock extends OperatorWrite {
  kind: 'restock';
  dropId: number;
  sku: string;
  /** Units to add; a negative number removes available units. */
  quantity: number;
}

export type DomainCommand =
  | PlaceHold
  | CancelOrder
  | ReleaseUnpayable
  | ReleaseDue
  | RecordPayment
  | RecordCheckout
  | CloseCheckout
  | BeginRefund
  | FinishRefund
  | RetryRefund
  | SettleRefund
  | RecordMovement
  | RefundOrder
  | FulfilOrder
  | EraseCustomer
  | LogAction
  | AddOperator
  | RevokeOperator
  | DeliveryCommand
  | CreateDrop
  | EditDrop
  | MoveDrop
  | Restock;

export type Command = DomainCommand | RunStatements;
