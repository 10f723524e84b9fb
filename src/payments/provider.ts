/** The port to payment providers; each is implemented in a file of its own. */
import type { Movement } from '../domain/movement.ts';
import type { Mark } from './mark.ts';

export interface CheckoutRequest {
  /** Public id, which the provider stores as its reference to us. */
  orderId: string;
  /** The order as a number of up to 16 digits, for providers without ids; as hard to guess. */
  orderCode: number;
  /** Minor units. */
  amount: number;
  currency: string;
  description: string;
  /** End of the hold, in epoch milliseconds. */
  expiresAt: number;
  /** Where the provider sends the buyer after a payment, and after giving up. */
  successUrl: string;
  cancelUrl: string;
  /** Epoch milliseconds. */
  now: number;
  /** Earlier checkouts of the order at this provider; each has its own idempotency key. */
  opened: number;
}

export interface Checkout {
  /** The provider's id of this checkout, for later queries. */
  reference: string;
  /** Where the buyer pays. */
  url: string;
  /** Epoch milliseconds; may be later than the hold's end, when `closeCheckout` ends it. */
  expiresAt: number;
}

/** How a provider names our order: by the id or by the code that it received. */
export type OrderName = { id: string } | { code: number };

/** The origin of a payment. */
export interface PaymentOrigin {
  order: OrderName;
  /** The provider's id of its checkout; null if the provider does not say. */
  checkout: string | null;
  mark: Mark;
}

/** A payment event that a provider reports. */
export interface PaymentEvent extends PaymentOrigin {
  /** The provider's id of the event; a second event with the same id is a duplicate. */
  eventId: string;
  /** The provider's id of the payment, needed for refunds. */
  reference: string;
  status: 'paid' | 'declined';
  /** Minor units as reported; compared with the order when it is recorded. */
  amount: number;
  /** ISO 4217, in capitals. */
  currency: string;
  /** The provider's id of the checkout if this is its last event. */
  endedCheckout?: string;
}

/** A movement as reported: it names our refund by its public id. */
export type ReportedMovement = Movement<string> & {
  /** The provider's id of the payment; null if the report names only our refund. */
  paymentReference: string | null;
};

export type WebhookReading =
  | { kind: 'event'; event: PaymentEvent }
  | { kind: 'movements'; movements: readonly ReportedMovement[] }
  /** Signed, but without effect. `unhandled` is set once for each unhandled type. */
  | { kind: 'ignored'; unhandled?: string }
  /** Not signed by the provider, or dated too far in the past or the future. */
  | { kind: 'bad_signature' }
  /** Signed, but in an unknown format. */
  | { kind: 'malformed' };

/** The state of a checkout as the provider reports it on a query. */
export interface CheckoutState {
  /** No more events can follow, so it need not be queried again. */
  isFinal: boolean;
  /** Set if it has unreadable payments in addition to `events`. */
  hasUnreadable?: true;
  /** Payments made or declined through it, with the same `reference` as in the webhooks. */
  events: readonly PaymentEvent[];
}

export interface RefundRequest {
  /**
   * Our id of the refund, which the provider stores with it: a look-up finds it by this id alone.
   */
  id: string;
  /**
   * The provider's idempotency key. An attempt repeats the key of the one before until the provider
   * has answered; after that the answer may be replayed, so the next attempt has a new key.
   */
  key: string;
  /** Whether an earlier attempt used this key; its request may still be in progress. */
  isKeyUsed: boolean;
  /** The provider's id of the payment. */
  reference: string;
  amount: number;
  currency: string;
  /** Whether an earlier attempt may have reached the provider; then look up the refund first. */
  isRepeated: boolean;
}

export type RefundResult =
  /** The provider has accepted the refund, under its own id. */
  | { kind: 'sent'; reference?: string }
  /**
   * Retry later. `code` is the provider's or ours, never personal data. `isKeySpent`: the provider
   * has answered, and may replay this answer for the same key.
   */
  | { kind: 'retry'; code: string; isKeySpent: boolean }
  /** Refused for good; an operator must act. */
  | { kind: 'rejected'; code: string; isKeySpent: boolean };

/** The code of a `ProviderError` about an answer that differs from the provider's documentation. */
export const UNREADABLE_ANSWER = 'unreadable_answer';

/** The code of a `ProviderError` about a checkout unknown to the provider. */
export const CHECKOUT_UNKNOWN = 'checkout_unknown';

/** A request that a provider did not fulfil; `code` can be shown and logged. */
export class ProviderError extends Error {
  readonly code: string;
  /** Whether the same request always fails: only another request or provider can succeed. */
  readonly isFinal: boolean;
  constructor(provider: string, code: string, isFinal = false) {
    super(`The payment provider ${provider} answered: ${code}.`);
    this.name = 'ProviderError';
    this.code = code;
    this.isFinal = isFinal;
  }
}

/** Amounts that a provider can charge in one currency, in ISO 4217 minor units. */
export interface ChargeBounds {
  min: number;
  max: number;
  /** Every amount must be a multiple of this; 1 allows any. */
  multipleOf: number;
}

export interface PaymentProvider {
  readonly name: string;
  /** Null if the provider does not accept the currency. */
  bounds(currency: string): ChargeBounds | null;
  /**
   * Opens a payment for a hold. Repeated calls for the same order return the same checkout, unless
   * the earlier answer was an error. Rejects with `ProviderError`.
   */
  checkout(request: CheckoutRequest): Promise<Checkout>;
  /** Ends a checkout, so that an ended hold can't be paid. Rejects with `ProviderError`. */
  closeCheckout(reference: string): Promise<void>;
  /** Queries the state of a checkout. Rejects with `ProviderError`. */
  queryCheckout(reference: string): Promise<CheckoutState>;
  /** Verifies a webhook's exact bytes and parses it. Rejects with `ProviderError`. */
  readWebhook(body: string, headers: Headers, now: number): Promise<WebhookReading>;
  /** Sends a payment back; never rejects, and never sends the refund `id` twice. */
  refund(request: RefundRequest): Promise<RefundResult>;
  /** The origin of a payment; null if it names no order. Rejects with `ProviderError`. */
  originOf?(paymentReference: string): Promise<PaymentOrigin | null>;
  /**
   * Disputes and refunds since a time, including those of other shops with the same account, and
   * the disputes in `disputes`, however old. Rejects with `ProviderError`.
   */
  movements?(since: number, now: number, disputes: readonly string[]): AsyncIterable<ReportedMovement>;
}
