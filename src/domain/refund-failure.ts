/** Why a refund failed, in words for its operator: every code that a provider's adapter, or this server, can give. */

const bankRefused = 'The payer’s bank refused the refund.';
const temporary = 'The provider had a fault of its own.';
const refused =
  'The provider refused the request. The payment may be refunded already, wholly or in part, or be disputed.';

const sentences: Readonly<Record<string, string>> = {
  // Ours, and those of both adapters.
  provider_not_configured: 'The payment provider of this refund is not set up on this server.',
  no_answer: 'The provider did not answer.',
  unreadable_answer: 'The provider’s answer could not be read.',
  // Stripe's codes for a request.
  amount_too_large: 'The amount is more than what is left of the payment: part of it was refunded before.',
  balance_insufficient: 'The balance at the provider does not cover the refund.',
  charge_already_refunded: 'The payment was refunded before.',
  charge_disputed: 'The payment is disputed: its money moves through the dispute.',
  charge_not_refundable: 'The provider cannot refund this payment.',
  idempotency_key_in_use: 'An earlier attempt was still under way at the provider.',
  lock_timeout: temporary,
  rate_limit: 'The provider asked for fewer requests.',
  refund_disputed_payment: 'The payment is disputed: its money moves through the dispute.',
  resource_missing: 'The provider does not know this payment.',
  // The kinds of error that Stripe gives where it has no code.
  StripeAPIError: temporary,
  StripeAuthenticationError: 'The provider refused this server’s API key.',
  StripeCardError: bankRefused,
  StripeIdempotencyError: 'An earlier attempt with the same key asked for something else.',
  StripeInvalidRequestError: refused,
  StripePermissionError: 'The provider’s API key may not make refunds.',
  StripeRateLimitError: 'The provider asked for fewer requests.',
  // Stripe's reasons for a refund that it had accepted.
  charge_for_pending_refund_disputed: 'The payer disputed the payment while the refund was under way.',
  declined: bankRefused,
  expired_or_canceled_card: 'The card has expired or was cancelled, and its bank could not take the money.',
  insufficient_funds: 'The balance at the provider did not cover the refund.',
  lost_or_stolen_card: 'The card was reported lost or stolen, and its bank could not take the money.',
  merchant_request: 'The refund was cancelled at the provider.',
  refund_canceled: 'The refund was cancelled at the provider.',
  refund_failed: 'The provider could not make the refund.',
  unknown: 'The provider could not make the refund, and gave no reason.',
  // payOS.
  payer_account_unknown:
    'The payer’s bank account is not known, so the provider has nowhere to send the money.',
  payout_cancelled: 'The payout was cancelled at the provider.',
  payout_failed: 'The payer’s bank did not take the payout.',
  payout_reversed: 'The payer’s bank sent the payout back.',
};

/** A sentence for a code; the code itself where there is none. */
export function refundFailureText(code: string): string {
  if (Object.hasOwn(sentences, code)) return sentences[code] ?? code;
  const status = /^status_(\d{3})$/.exec(code)?.[1];
  return status === undefined ? code : `The provider answered with HTTP status ${status}.`;
}
