/** What asking the payment providers brought to light. */
export interface Reconciliation {
  /** Checkouts that were asked about. */
  checkouts: number;
  /** Payments that were not known here. */
  payments: number;
  /** Checkouts whose provider could not be asked, or did not know them; the next run asks again, for a bounded time. */
  failed: number;
}
