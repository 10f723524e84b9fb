/** What each error of Stripe decides: whether a refund is tried again, and whether its idempotency key may be used again. */
import Stripe from 'stripe';
import type { RefundResult } from './provider.ts';

interface ErrorMeaning {
  /**
   * Whether Stripe keeps this answer for the idempotency key and replays it for a day: it keeps what an endpoint
   * answered once it had begun, and nothing of requests that were refused before that. `unknown` is an answer that
   * may come from Stripe's API or from a machine in front of it.
   */
  kept: 'yes' | 'no' | 'unknown';
  refund: 'retry' | 'rejected';
}

const tryAgain: ErrorMeaning = { kept: 'no', refund: 'retry' };
const tryAnotherKey: ErrorMeaning = { kept: 'yes', refund: 'retry' };
const refused: ErrorMeaning = { kept: 'yes', refund: 'rejected' };

/** By the SDK's name of the error: docs.stripe.com/error-low-level and docs.stripe.com/api/idempotent_requests. */
const byType: Readonly<Record<string, ErrorMeaning>> = {
  // No answer: the request may still be on its way, and another key would make another refund.
  StripeConnectionError: tryAgain,
  // 429: the rate limiter runs before the endpoint.
  StripeRateLimitError: tryAgain,
  // 401 and 403: an operator fixes the API key, and the refund goes out.
  StripeAuthenticationError: tryAgain,
  StripePermissionError: tryAgain,
  // 400 because the key belongs to a request with other parameters: only another key helps.
  StripeIdempotencyError: tryAnotherKey,
  // 402: valid, and failed all the same.
  StripeCardError: tryAnotherKey,
  // 5xx and 424: it may have taken effect. A look-up shows that before another key is used.
  StripeAPIError: tryAnotherKey,
  // 400 and 404: the same request is refused however often it is sent.
  StripeInvalidRequestError: refused,
};

/** Codes that say more than the type of their error: docs.stripe.com/error-codes. */
const byCode: Readonly<Record<string, ErrorMeaning>> = {
  // 409: a request with this key is under way.
  idempotency_key_in_use: tryAgain,
  lock_timeout: tryAgain,
  balance_insufficient: tryAnotherKey,
};

const unreadable: ErrorMeaning = { kept: 'unknown', refund: 'retry' };

function meaningOf(error: unknown): ErrorMeaning {
  if (!(error instanceof Stripe.errors.StripeError)) return unreadable;
  const meaning = byCode[error.code ?? ''] ?? byType[error.type] ?? unreadable;
  // Every error of Stripe's API names its type in the body.
  return meaning.kept === 'yes' && error.rawType === undefined ? unreadable : meaning;
}

/** A word for what went wrong: Stripe's own code where it gave one. Its message may quote what was sent. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Stripe.errors.StripeError)) return 'unreadable_answer';
  if (error instanceof Stripe.errors.StripeConnectionError) return 'no_answer';
  const { code } = error;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : error.type;
}

/** Whether Stripe refuses the same request however often it is sent. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError;

/** Whether Stripe knows no object with this id. */
export const isUnknown = (error: unknown): boolean => codeOf(error) === 'resource_missing';

/** Whether nothing is left of the payment that a refund could return. */
export const isRefundedAlready = (error: unknown): boolean => codeOf(error) === 'charge_already_refunded';

/** Whether Stripe may replay this answer for the same idempotency key. */
export const isKept = (error: unknown): boolean => meaningOf(error).kept !== 'no';

/** Whether this answer is about the key alone: the request itself may succeed with another one, at once. */
export function isAboutKey(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  const isReplayed = error.headers?.['idempotent-replayed'] === 'true';
  return isReplayed || error.type === 'StripeIdempotencyError' || error.code === 'idempotency_key_in_use';
}

/** `isKeyUsed`: an earlier request with this key may still be on its way; only Stripe's API itself ends that doubt. */
export function refundResultOf(error: unknown, isKeyUsed: boolean): RefundResult {
  const { kept, refund } = meaningOf(error);
  return {
    kind: refund,
    code: codeOf(error),
    isKeySpent: kept === 'yes' || (kept === 'unknown' && !isKeyUsed),
  };
}
