/** The port to whoever takes the money: one file implements it for each provider. */
import type { Movement } from '../domain/movement.ts';
import type { Mark } from './mark.ts';

export interface CheckoutRequest {
  /** Public id: the provider's reference to us. */
  orderId: string;
  /** The order as a number of up to 16 digits, for providers that can't take an id; as hard to guess as the id. */
  orderCode: number;
  /** Minor units. */
  amount: number;
  currency: string;
  description: string;
  /** Epoch milliseconds: when the hold ends. */
  expiresAt: number;
  /** Where the provider sends the buyer after paying, and after giving up. */
  successUrl: string;
  cancelUrl: string;
  /** Epoch milliseconds. */
  now: number;
  /** Checkouts that this provider has opened for the order before: each has an idempotency key of its own. */
  opened: number;
}

export interface Checkout {
  /** The provider's own id of this checkout, under which it can be asked for later. */
  reference: string;
  /** Where the buyer pays. */
  url: string;
  /** Epoch milliseconds. Not before the hold's end where the provider can't have it sooner: `closeCheckout` ends it then. */
  expiresAt: number;
}

/** How a provider names our order: by the id or by the code that it was given. */
export type OrderName = { id: string } | { code: number };

/** The origin of a payment. */
export interface PaymentOrigin {
  order: OrderName;
  /** The provider's id of its checkout; null if the provider does not say. */
  checkout: string | null;
  mark: Mark;
}

/** What a provider says happened. */
export interface PaymentEvent extends PaymentOrigin {
  /** The provider's id of the event: the same one twice is a duplicate. */
  eventId: string;
  /** The provider's id of the payment, which a refund names. */
  reference: string;
  status: 'paid' | 'declined';
  /** Minor units, as the provider says: compared with the order where it is recorded. */
  amount: number;
  /** ISO 4217, in capitals. */
  currency: string;
  /** The provider's id of the checkout, where this event is the last that comes of it. */
  endedCheckout?: string;
}

/** A movement as a provider reports it: it names our refund by its public id. */
export type ReportedMovement = Movement<string> & {
  /** The provider's id of the payment; null where it names only our refund. */
  paymentReference: string | null;
};

export type WebhookReading =
  | { kind: 'event'; event: PaymentEvent }
  | { kind: 'movements'; movements: readonly ReportedMovement[] }
  /** Signed, but nothing that concerns us. `unhandled` is its type, where no webhook of it ever does: set for the first one alone. */
  | { kind: 'ignored'; unhandled?: string }
  /** Not signed by the provider, or too long ago, or in the future. */
  | { kind: 'bad_signature' }
  /** Signed, but not a message that we understand. */
  | { kind: 'malformed' };

/** What a provider knows of a checkout, asked by us. */
export interface CheckoutState {
  /** Nothing more can come of it: it need not be asked for again. */
  isFinal: boolean;
  /** Set where it has payments beside `events` that cannot be read. */
  hasUnreadable?: true;
  /** Payments made or declined through it; the same payment as in the webhooks has the same `reference`. */
  events: readonly PaymentEvent[];
}

export interface RefundRequest {
  /** Our id of the refund, which the provider keeps with it: a look-up finds it by this id alone. */
  id: string;
  /**
   * The provider's idempotency key. An attempt repeats the key of the one before until the provider has answered;
   * after that the answer may be replayed, so the next attempt has a new key.
   */
  key: string;
  /** Whether an earlier attempt has used this key: its request may still be on its way. */
  isKeyUsed: boolean;
  /** The provider's id of the payment. */
  reference: string;
  amount: number;
  currency: string;
  /** Whether an attempt may have reached the provider before: then it is first asked whether the money is back already. */
  isRepeated: boolean;
}

export type RefundResult =
  /** The provider has taken the refund, under its own id. */
  | { kind: 'sent'; reference?: string }
  /**
   * Not now: try again. `code` is the provider's or ours; a word, never personal data. `isKeySpent`: the provider has
   * answered, and may replay this answer for the same key.
   */
  | { kind: 'retry'; code: string; isKeySpent: boolean }
  /** Never: a human must look. */
  | { kind: 'rejected'; code: string; isKeySpent: boolean };

/** The code of a `ProviderError` about an answer that is not what the provider documents. */
export const UNREADABLE_ANSWER = 'unreadable_answer';

/** The code of a `ProviderError` about a checkout that the provider does not know. */
export const CHECKOUT_UNKNOWN = 'checkout_unknown';

/** A provider did not do what it was asked; `code` is a word that may be shown and logged. */
export class ProviderError extends Error {
  readonly code: string;
  /** The provider refuses the same request every time: only another request, or another provider, can succeed. */
  readonly isFinal: boolean;
  constructor(provider: string, code: string, isFinal = false) {
    super(`The payment provider ${provider} answered: ${code}.`);
    this.name = 'ProviderError';
    this.code = code;
    this.isFinal = isFinal;
  }
}

/** What a provider can charge in one currency, in ISO 4217 minor units. */
export interface ChargeBounds {
  min: number;
  max: number;
  /** Every amount must be a multiple of this; 1 where any will do. */
  multipleOf: number;
}

export interface PaymentProvider {
  readonly name: string;
  /** Null where the provider does not take the currency. */
  bounds(currency: string): ChargeBounds | null;
  /**
   * Opens a payment for a hold; asked again for the same order, it answers the same unless its answer to the earlier
   * call was an error. Rejects with `ProviderError`.
   */
  checkout(request: CheckoutRequest): Promise<Checkout>;
  /** Ends a checkout, so that nobody pays for a hold that is over; harmless where it has ended. Rejects with `ProviderError`. */
  closeCheckout(reference: string): Promise<void>;
  /** Asks what became of a checkout. Rejects with `ProviderError`. */
  lookUp(reference: string): Promise<CheckoutState>;
  /** Verifies a webhook on the bytes that came and says what it means. Rejects with `ProviderError` where it must ask back. */
  readWebhook(body: string, headers: Headers, now: number): Promise<WebhookReading>;
  /** Sends a payment back; never rejects, and never sends the refund `id` twice. */
  refund(request: RefundRequest): Promise<RefundResult>;
  /** The origin of a payment; null if it names no order. Rejects with `ProviderError`. */
  originOf?(paymentReference: string): Promise<PaymentOrigin | null>;
  /**
   * Disputes and refunds since a time, also those of other shops with the same account, and the disputes that are named, however old.
   * Rejects with `ProviderError`.
   */
  movements?(since: number, now: number, disputes: readonly string[]): AsyncIterable<ReportedMovement>;
}
