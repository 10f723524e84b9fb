/** What goes down to the writer: plain values that survive a structured clone. */
import type { RunStatements } from '../split/statements.ts';
import type { DeliveryCommand } from './delivery-command.ts';
import type { Drop, Item } from './drop.ts';
import type { RecordMovement, SettleRefund } from './movement.ts';
import type { OperatorScope, OperatorWrite } from './operator.ts';
import type { Contact } from './order.ts';
import type { Location } from './shard.ts';

export interface PlaceHold {
  kind: 'placeHold';
  itemId: number;
  quantity: number;
  /** Keyed hash of the normalised e-mail. */
  customer: string;
  /** Keyed hash of the phone number, where given. */
  customerPhone: string | null;
  /** Keyed hash of the Idempotency-Key, as rows keep it (domain/stored-key.ts). */
  idempotencyKey: string | null;
  /** The key as it was sent: rows of earlier versions hold it so, and nothing writes it. */
  plainKey: string | null;
  /** Keyed hash of the whole request body: a key belongs to one body. */
  fingerprint: string;
  contact: Contact;
  /** The client's address and its bound; absent if nothing is limited. Never stored in a row. */
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

/** Releases a hold that no payment provider can charge: each has refused its checkout for good. */
export interface ReleaseUnpayable {
  kind: 'releaseUnpayable';
  orderId: number;
  /** The provider that refused last, and its word for why. */
  provider: string;
  code: string;
}

/** Gives the units of holds that are over back to stock, a bounded number at a time. */
export interface ReleaseDue {
  kind: 'releaseDue';
  orders: number;
}

export interface RecordPayment {
  kind: 'recordPayment';
  provider: string;
  eventId: string;
  /** The provider's id of the payment: its money counts once, however many events speak of it. */
  reference: string;
  /** Null where the provider names an order that is none of ours. */
  orderId: number | null;
  status: 'paid' | 'declined';
  amount: number;
  currency: string;
  /** The provider's id of a checkout that ends with this payment. */
  endedCheckout?: string;
}

/** Records a checkout, so that the provider can be asked about it later. An order has one open checkout at a provider. */
export interface RecordCheckout {
  kind: 'recordCheckout';
  orderId: number;
  provider: string;
  reference: string;
  url: string;
  expiresAt: number;
}

/** Nothing more can come of a checkout: it is not asked for again. */
export interface CloseCheckout {
  kind: 'closeCheckout';
  checkoutId: number;
}

/** Takes the next turn of a refund before the provider is asked: whoever finds it later knows that it may have been. */
export interface BeginRefund {
  kind: 'beginRefund';
  refundId: number;
  /** Attempts before this one: a turn that somebody else has taken is refused. */
  attempts: number;
  /** Minor units, as they were read: less may be owed by now. */
  amount: number;
  /** When the next attempt may begin, should nothing be heard of this one. */
  nextAttemptAt: number;
}

/** What the provider answered to a refund. */
export interface FinishRefund {
  kind: 'finishRefund';
  refundId: number;
  result: 'sent' | 'retry' | 'failed';
  /** A word of the provider's or ours; null where it was sent. */
  error: string | null;
  /** Whether the provider has answered with an error that it may replay: the next attempt takes a new key. */
  isKeySpent?: boolean;
  /** The provider's id of a refund that was sent, where it is known. */
  reference?: string | null;
}

/** An operator gives a refund that had failed another series of attempts. */
export interface RetryRefund extends OperatorWrite {
  kind: 'retryRefund';
  refundId: number;
}

/** An operator gives the money of a paid order back. */
export interface RefundOrder extends OperatorWrite {
  kind: 'refundOrder';
  orderId: number;
  /** Whether its units can be bought again; else they leave the stock. */
  restock: boolean;
}

export interface FulfilOrder extends OperatorWrite {
  kind: 'fulfilOrder';
  orderId: number;
  trackingCode: string | null;
  /** Fulfil although the payment is disputed, or the dispute was lost. */
  despiteDispute?: boolean;
}

/** Deletes the personal data of a customer and ends their holds; the orders stay, for the books and the limit. */
export interface EraseCustomer {
  kind: 'eraseCustomer';
  actor: string;
  /** Keyed hash of the normalised e-mail. */
  customer: string;
  /** The orders of which the operator knows that they are still owed goods or money. */
  openOrders: readonly number[];
  /** Only says what the erasure would answer. */
  isDryRun?: boolean;
  /** The plain keys that rows of earlier versions hold, each with the hash that replaces it: a retry is still a retry. */
  plainKeys?: readonly { plain: string; hashed: string }[];
}

/** Logs an action that changes no row. */
export interface NoteAction {
  kind: 'noteAction';
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
  /** The key that a catalogue has given it; where none is given, the database gives the next one. */
  dropId?: number;
  /** Over how many writers its stock is split, and where they are: on runtimes that have a choice. */
  shards?: number;
  location?: Location;
  drop: NewDrop;
}

/** Only what is given changes; an item whose sku is new needs all its fields. */
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
  /** Units to add; a negative number takes free units away. */
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
  | NoteAction
  | AddOperator
  | RevokeOperator
  | DeliveryCommand
  | CreateDrop
  | EditDrop
  | MoveDrop
  | Restock;

export type Command = DomainCommand | RunStatements;
