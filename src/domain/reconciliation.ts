/** What asking the payment providers brought to light. */
export interface Reconciliation {
  /** Checkouts that were asked about. */
  checkouts: number;
  /** Payments that were not known here. */
  payments: number;
  /** Checkouts whose provider could not be asked; the next run asks again. */
  failed: number;
}
