/** A change as the log keeps it: what, which, how many, how much, who and when, and never personal data. */

export type EventKind =
  | 'drop_created'
  | 'drop_edited'
  | 'restocked'
  | 'held'
  | 'released'
  | 'paid'
  | 'declined'
  | 'refund_due';

export interface Event {
  kind: EventKind;
  /** `customer`, `clock`, `operator` or `provider:<name>`. */
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
