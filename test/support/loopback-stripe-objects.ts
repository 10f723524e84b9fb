/** What Stripe on loopback stores. */

export interface LoopbackSession {
  id: string;
  object: 'checkout.session';
  url: string;
  status: 'open' | 'complete' | 'expired';
  payment_status: 'unpaid' | 'paid';
  payment_intent: string | null;
  amount_total: number;
  currency: string;
  client_reference_id: string;
  expires_at: number;
  success_url: string;
  cancel_url: string;
  metadata: Record<string, string>;
  /** The metadata that the session's payment gets. */
  payment_metadata: Record<string, string>;
}

export interface LoopbackPayment {
  id: string;
  order: string;
  amount: number;
  currency: string;
  /** The number of refunds of its payment: more than one is a failure. */
  refunds: number;
  metadata?: Record<string, string>;
}

export interface LoopbackRefund {
  id: string;
  object: 'refund';
  status: 'succeeded' | 'pending' | 'failed' | 'canceled';
  amount: number;
  currency: string;
  payment_intent: string;
  metadata: Record<string, string>;
  failure_reason?: string;
}

export interface Charge {
  amount?: number;
  currency?: string;
  type?: string;
}
