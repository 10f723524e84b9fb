/** Explains the error code of a failed refund: every code of the provider adapters, and our own. */

const bankRefused = 'The payer’s bank refused the refund.';
const temporary = 'The provider had an internal error.';
const refused =
  'The provider refused the request. The payment may be refunded already, wholly or in part, or be disputed.';

const sentences: Readonly<Record<string, string>> = {
  // Our own codes, and those of both adapters.
  provider_not_configured: 'The payment provider of this refund is not configured on this server.',
  no_answer: 'The provider did not answer.',
  unreadable_answer: 'The provider’s answer could not be read.',
  // Stripe's codes for a request.
  amount_too_large: 'The amount exceeds what is left of the payment; part of it was already refunded.',
  balance_insufficient: 'The balance at the provider does not cover the refund.',
  charge_already_refunded: 'The payment was already refunded.',
  charge_disputed: 'The payment is disputed; its money moves through the dispute.',
  charge_not_refundable: 'The provider cannot refund this payment.',
  idempotency_key_in_use: 'An earlier attempt was still in progress at the provider.',
  lock_timeout: temporary,
  rate_limit: 'The provider’s rate limit was reached.',
  refund_disputed_payment: 'The payment is disputed; its money moves through the dispute.',
  resource_missing: 'The provider does not know this payment.',
  // Stripe's types of errors without a code.
  StripeAPIError: temporary,
  StripeAuthenticationError: 'The provider refused this server’s API key.',
  StripeCardError: bankRefused,
  StripeIdempotencyError: 'An earlier attempt with the same key had other parameters.',
  StripeInvalidRequestError: refused,
  StripePermissionError: 'The provider’s API key lacks the permission to make refunds.',
  StripeRateLimitError: 'The provider’s rate limit was reached.',
  // Stripe's reasons for the failure of an accepted refund.
  charge_for_pending_refund_disputed: 'The payer disputed the payment while the refund was in progress.',
  declined: bankRefused,
  expired_or_canceled_card: 'The card has expired or was cancelled, and its bank could not accept the money.',
  insufficient_funds: 'The balance at the provider did not cover the refund.',
  lost_or_stolen_card: 'The card was reported lost or stolen, and its bank could not accept the money.',
  merchant_request: 'The refund was cancelled at the provider.',
  refund_canceled: 'The refund was cancelled at the provider.',
  refund_failed: 'The provider could not make the refund.',
  unknown: 'The provider could not make the refund and gave no reason.',
  // payOS.
  payer_account_unknown: 'The payer’s bank account is unknown, so the provider can’t send the money.',
  payout_cancelled: 'The payout was cancelled at the provider.',
  payout_failed: 'The payer’s bank did not accept the payout.',
  payout_reversed: 'The payer’s bank returned the payout.',
};

/** The sentence for a code; the code itself if it is unknown. */
export function refundFailureText(code: string): string {
  if (Object.hasOwn(sentences, code)) return sentences[code] ?? code;
  const status = /^status_(\d{3})$/.exec(code)?.[1];
  return status === undefined ? code : `The provider answered with HTTP status ${status}.`;
}
