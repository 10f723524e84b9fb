/**
 * An event of the log: what happened to which rows, how much, by whom and when; no personal data.
 */

export type EventKind =
  | 'drop_created'
  | 'drop_edited'
  | 'restocked'
  | 'held'
  | 'released'
  | 'paid'
  | 'declined'
  | 'sold_out'
  | 'refund_due'
  | 'refund_sent'
  | 'refund_failed'
  | 'refund_retried'
  | 'refund_settled'
  /** Less is due, because money was returned another way. */
  | 'refund_reduced'
  /** The provider made a refund that was settled by hand: the customer may have the money twice. */
  | 'refund_doubled'
  | 'dispute_opened'
  | 'dispute_won'
  | 'dispute_lost'
  | 'fulfilled'
  | 'tracking_changed'
  | 'customer_erased'
  | 'orders_exported'
  /**
   * An operator was shown more than LISTED_ORDERS_MAX orders of a drop, or of all, within an hour.
   */
  | 'orders_listed'
  | 'reconciled'
  | 'backed_up'
  /** From older versions; requests for lost links are no longer logged. */
  | 'links_requested'
  | 'checkout_opened'
  | 'checkout_closed'
  | 'operator_added'
  | 'operator_revoked';

export interface Event {
  kind: EventKind;
  /** `customer`, `clock`, `provider:<name>`, `operator[:<name>]`, `console`, or `shards`. */
  actor: string;
  dropId: number | null;
  itemId?: number;
  orderId?: number;
  quantity?: number;
  /** Minor units. */
  amount?: number;
  currency?: string;
  detail?: Readonly<Record<string, unknown>>;
}
