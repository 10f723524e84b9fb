/** The port to whoever takes the money: one file implements it for each provider. */

export interface CheckoutRequest {
  /** Public id: the provider's reference to us. */
  orderId: string;
  /** Minor units. */
  amount: number;
  currency: string;
  description: string;
  /** Epoch milliseconds: when the hold ends. */
  expiresAt: number;
}

export interface Checkout {
  /** Where the buyer pays. */
  url: string;
  expiresAt: number;
}

/** What a provider says happened, after its signature was verified. */
export interface PaymentEvent {
  /** The provider's id of the event: the same one twice is a duplicate. */
  eventId: string;
  /** The provider's id of the payment. */
  reference: string;
  orderId: string;
  status: 'paid' | 'declined';
  amount: number;
  currency: string;
}

export type WebhookReading =
  | { kind: 'event'; event: PaymentEvent }
  /** Not signed by the provider, or too long ago, or in the future. */
  | { kind: 'bad_signature' }
  /** Signed, but not a message that we understand. */
  | { kind: 'malformed' };

export interface PaymentProvider {
  readonly name: string;
  /** Opens a payment for a hold; asked again for the same order, it answers the same. */
  checkout(request: CheckoutRequest): Promise<Checkout>;
  /** Verifies a webhook on the bytes that came and says what it means. */
  readWebhook(body: string, headers: Headers): Promise<WebhookReading>;
}
