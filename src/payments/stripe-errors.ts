/** Meaning of each Stripe error: is a refund retried, and can its idempotency key be reused? */
import Stripe from 'stripe';
import { type RefundResult, UNREADABLE_ANSWER } from './provider.ts';

export const stripeName = 'stripe';

interface ErrorMeaning {
  /**
   * Whether Stripe stores this answer for the idempotency key and replays it for a day. It stores
   * answers of endpoints that had begun, and none of requests refused before. `unknown` may come
   * from Stripe's API or from a proxy in front of it.
   */
  kept: 'yes' | 'no' | 'unknown';
  refund: 'retry' | 'rejected';
}

const tryAgain: ErrorMeaning = { kept: 'no', refund: 'retry' };
const tryAnotherKey: ErrorMeaning = { kept: 'yes', refund: 'retry' };
const refused: ErrorMeaning = { kept: 'yes', refund: 'rejected' };

/**
 * By the SDK's name of the error: docs.stripe.com/error-low-level and
 * docs.stripe.com/api/idempotent_requests.
 */
const byType: Readonly<Record<string, ErrorMeaning>> = {
  // No answer: the request may still be in progress, and another key would make another refund.
  StripeConnectionError: tryAgain,
  // 429: the rate limiter runs before the endpoint.
  StripeRateLimitError: tryAgain,
  // 401 and 403: once an operator fixes the API key, the refund succeeds.
  StripeAuthenticationError: tryAgain,
  StripePermissionError: tryAgain,
  // 400, because the key belongs to a request with other parameters: only another key helps.
  StripeIdempotencyError: tryAnotherKey,
  // 402: a valid request that failed.
  StripeCardError: tryAnotherKey,
  // 5xx and 424: it may have taken effect. A look-up shows that before another key is used.
  StripeAPIError: tryAnotherKey,
  // 400 and 404: the same request is refused however often it is sent.
  StripeInvalidRequestError: refused,
};

/** Codes that are more specific than the type of their error: docs.stripe.com/error-codes. */
const byCode: Readonly<Record<string, ErrorMeaning>> = {
  // 409: a request with this key is in progress.
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

/** A code for the error: Stripe's own if it sent one. Its message may quote the request. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Stripe.errors.StripeError)) return UNREADABLE_ANSWER;
  if (error instanceof Stripe.errors.StripeConnectionError) return 'no_answer';
  const { code } = error;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : error.type;
}

/** Whether Stripe refuses the same request however often it is sent. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError;

/** Whether Stripe has no object with this id. */
export const isUnknown = (error: unknown): boolean => codeOf(error) === 'resource_missing';

/** Whether the payment is refunded completely. */
export const isRefundedAlready = (error: unknown): boolean => codeOf(error) === 'charge_already_refunded';

/** Whether Stripe may replay this answer for the same idempotency key. */
export const isKept = (error: unknown): boolean => meaningOf(error).kept !== 'no';

/** Whether this answer is only about the key: the request may succeed at once with another key. */
export function isAboutKey(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  const isReplayed = error.headers?.['idempotent-replayed'] === 'true';
  return isReplayed || error.type === 'StripeIdempotencyError' || error.code === 'idempotency_key_in_use';
}

/**
 * `isKeyUsed`: an earlier request with this key may still be in progress; only an answer of
 * Stripe's API itself settles that.
 */
export function refundResultOf(error: unknown, isKeyUsed: boolean): RefundResult {
  const { kept, refund } = meaningOf(error);
  return {
    kind: refund,
    code: codeOf(error),
    isKeySpent: kept === 'yes' || (kept === 'unknown' && !isKeyUsed),
  };
}
