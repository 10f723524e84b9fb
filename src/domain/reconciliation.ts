/** What asking the payment providers brought to light. */
export interface Reconciliation {
  /** Checkouts that were asked about. */
  checkouts: number;
  /** Payments that were not known here. */
  payments: number;
  /** Disputes and refunds whose report changed something here. */
  movements: number;
  /**
   * Checkouts whose provider could not be asked, or did not know them, and providers that could not be asked about disputes
   * and refunds. The next run asks again, for a bounded time.
   */
  failed: number;
}
