/** The result of a reconciliation with the payment providers. */
export interface Reconciliation {
  /** Checkouts that were queried. */
  checkouts: number;
  /** Payments that were unknown before. */
  payments: number;
  /** Disputes and refunds that changed an order. */
  movements: number;
  /**
   * Checkouts whose provider did not answer or did not know them, and providers that did not answer
   * about disputes and refunds. The next run retries them, for a limited time.
   */
  failed: number;
}
