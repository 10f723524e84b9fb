/** Meaning of each payOS error: is a refund retried, and can its idempotency key be reused? */
import { APIError, ConnectionError, ConnectionTimeoutError } from '@payos/node';
import { ProviderError, type RefundResult, UNREADABLE_ANSWER } from './provider.ts';

export const payosName = 'payos';

/** The code of a link that exists or has ended already. */
export const ORDER_EXISTS = '231';
/** payOS answers 200 with this code if a field of the request is invalid. */
const INVALID_REQUEST = '20';
/** The code of an order unknown to payOS. */
const ORDER_UNKNOWN = '101';

/** Statuses whose answers payOS does not store: permission, rate limit, request in progress. */
const unkept: ReadonlySet<number> = new Set([401, 403, 408, 409, 429]);

const isLost = (error: unknown): boolean =>
  error instanceof ConnectionTimeoutError || error instanceof ConnectionError;

/** A code for the error: payOS's own if it sent one. Its text may quote the request. */
export function codeOf(error: unknown): string {
  if (isLost(error)) return 'no_answer';
  if (error instanceof APIError) {
    const { code, status = 0 } = error;
    return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : `status_${status}`;
  }
  return UNREADABLE_ANSWER;
}

/** Whether payOS refuses the same request however often it is sent. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof APIError &&
  error.status !== undefined &&
  error.status >= 400 &&
  error.status < 500 &&
  !unkept.has(error.status);

export const asProviderError = (error: unknown): ProviderError =>
  error instanceof ProviderError
    ? error
    : new ProviderError(payosName, codeOf(error), isRefusal(error) || codeOf(error) === INVALID_REQUEST);

/** Whether payOS has no payment link for this order. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof APIError && (error.code === ORDER_UNKNOWN || error.status === 404);

/** Whether payOS's API answered, in JSON, and not a proxy in front of it. */
const isOfApi = ({ error }: APIError): boolean =>
  Object.values(error ?? {}).some((field) => field !== undefined && field !== null);

/** `isKeyUsed`: an earlier request may be in progress; only the API's own answer settles it. */
export function refundResultOf(error: unknown, isKeyUsed: boolean): RefundResult {
  const answered = error instanceof APIError && !isLost(error) ? error : null;
  const isUnkept = isLost(error) || unkept.has(answered?.status ?? 0);
  const isKeySpent = !isUnkept && (!isKeyUsed || (answered !== null && isOfApi(answered)));
  return { kind: isRefusal(error) ? 'rejected' : 'retry', code: codeOf(error), isKeySpent };
}
