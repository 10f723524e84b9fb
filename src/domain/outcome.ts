/** Outcomes of commands. A refusal is a value, so it does not fail other commands of its batch. */
import type { CommandFailed, QueueRefusal } from '../split/refusal.ts';
import type { StatementsOutcome } from '../split/statements.ts';
import type { Command } from './command.ts';
import type { Drop } from './drop.ts';
import type { DisputeStatus, Order, OrderStatus } from './order.ts';

export interface FieldError {
  /** Dotted path into the request. */
  path: string;
  message: string;
}

type Refused<Kind extends string> = { kind: Kind };
/** `replayed`: an earlier command with the same key already did this. */
type Replayable = { replayed?: true };

export type HoldRefusal =
  | Refused<'drop_not_found'>
  | Refused<'not_started'>
  | Refused<'ended'>
  | Refused<'paused'>
  /** `itemId`: an item of which too few units are free. */
  | { kind: 'sold_out'; itemId: number }
  /** `itemId`: the first item with which the order would exceed the limit. */
  | { kind: 'limit_reached'; perCustomer: number; itemId: number }
  /** The address has this many unpaid units; the first hold ends at `until` (milliseconds). */
  | { kind: 'too_many_unpaid'; units: number; until: number; retryAfterSeconds: number }
  | Refused<'key_reused'>;

export interface Held {
  kind: 'held';
  order: Order;
  /** True if the same key placed this hold before. */
  replayed: boolean;
}

export type DropOutcome =
  | ({ kind: 'drop_saved'; drop: Drop } & Replayable)
  | Refused<'key_reused'>
  | Refused<'drop_not_found'>
  | Refused<'slug_taken'>
  | { kind: 'invalid_edit'; errors: readonly FieldError[] }
  | { kind: 'stock_below_sold'; errors: readonly FieldError[] };

export type OrderRefusal =
  | Refused<'order_not_found'>
  /** The order's status does not allow this. */
  | { kind: 'wrong_status'; status: OrderStatus };

type Done = { kind: 'done' } & Replayable;

export interface OutcomeByCommand {
  placeHold: Held | HoldRefusal;
  cancelOrder: { kind: 'cancelled'; order: Order } | Refused<'already_paid'> | Refused<'order_not_found'>;
  releaseUnpayable: Done | OrderRefusal;
  releaseDue: { kind: 'released_due'; orders: number };
  recordPayment:
    | { kind: 'payment_recorded'; effect: 'paid' | 'declined' | 'refund_due' }
    | Refused<'payment_known'>;
  /** `checkout_open`: the order has another open checkout there, at `url`. Nothing was recorded. */
  recordCheckout: Done | { kind: 'checkout_open'; url: string };
  closeCheckout: Done;
  beginRefund: Done | Refused<'not_due'>;
  finishRefund: Done | Refused<'not_due'>;
  settleRefund: Done | Refused<'key_reused'> | Refused<'refund_not_found'> | Refused<'refund_not_settleable'>;
  /** `kept`: stored until its payment arrives. `mismatched`: no payment has this much left. */
  recordMovement:
    | { kind: 'movement_recorded'; effect: 'dispute' | 'refund' | 'known' | 'kept' | 'mismatched' }
    | Refused<'payment_unknown'>;
  retryRefund: Done | Refused<'key_reused'> | Refused<'refund_not_found'> | Refused<'refund_not_failed'>;
  refundOrder:
    | Done
    | Refused<'key_reused'>
    | OrderRefusal
    | { kind: 'refund_disputed'; dispute: DisputeStatus };
  fulfilOrder: Done | Refused<'key_reused'> | OrderRefusal | { kind: 'disputed'; dispute: DisputeStatus };
  eraseCustomer:
    | { kind: 'customer_erased'; orders: number }
    /** Result of a dry run: the number of orders that a deletion would change. */
    | { kind: 'erasable'; orders: number }
    /** Positions in `openOrders` that name no order of the customer. Nothing was changed. */
    | { kind: 'unknown_orders'; positions: readonly number[] }
    /** Open orders that were not all confirmed. Nothing was changed. */
    | { kind: 'open_orders'; orders: readonly { id: number; dropId: number; status: OrderStatus }[] };
  logAction: Done;
  addOperator: { kind: 'operator_added'; operatorId: number } | Refused<'name_taken'>;
  revokeOperator: Done | Refused<'operator_not_found'>;
  advanceSubscriber: { kind: 'advanced'; lastSeq: number };
  /** `deferred_full`: the table is full; `oldest` is the oldest delivery in it. */
  deferDelivery: Done | { kind: 'deferred_full'; oldest: { seq: number; since: number } };
  beginDeferredDelivery: Done | Refused<'not_due'>;
  endDeferredDelivery: Done;
  /** The recipient's hourly allowance of e-mails is used up. */
  countMail: Done | Refused<'mail_limit_reached'>;
  requestLinks: Done;
  endLinkRequest: Done;
  createDrop: DropOutcome;
  editDrop: DropOutcome;
  moveDrop: DropOutcome;
  restock: DropOutcome;
  runStatements: StatementsOutcome;
}

/** The drop has moved to another deployment: the command had no effect. */
export interface DropMoved {
  kind: 'drop_moved';
}

export type CommandOutcome<C extends Command = Command> =
  | OutcomeByCommand[C['kind']]
  | DropMoved
  | CommandFailed;
export type Outcome<C extends Command = Command> = CommandOutcome<C> | QueueRefusal;
