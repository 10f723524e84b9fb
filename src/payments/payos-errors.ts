/** What each error of payOS decides: whether a refund is tried again, and whether its idempotency key may be used again. */
import { APIError, ConnectionError, ConnectionTimeoutError } from '@payos/node';
import type { RefundResult } from './provider.ts';

/** The code of a link that exists already, or has ended already. */
export const ORDER_EXISTS = '231';
/** The code of an order that payOS does not know. */
const ORDER_UNKNOWN = '101';

/** Statuses of which payOS keeps no answer: the caller has no right, asks too often, or asks for what is under way. */
const unkept: ReadonlySet<number> = new Set([401, 403, 408, 409, 429]);

const isLost = (error: unknown): boolean =>
  error instanceof ConnectionTimeoutError || error instanceof ConnectionError;

/** A word for what went wrong: payOS's own code where it gave one. Its text may quote what was sent. */
export function codeOf(error: unknown): string {
  if (isLost(error)) return 'no_answer';
  if (error instanceof APIError) {
    const { code, status = 0 } = error;
    return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : `status_${status}`;
  }
  return 'unreadable_answer';
}

/** Whether payOS refuses the same request however often it is sent. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof APIError &&
  error.status !== undefined &&
  error.status >= 400 &&
  error.status < 500 &&
  !unkept.has(error.status);

/** Whether payOS knows no payment link of this order. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof APIError && (error.code === ORDER_UNKNOWN || error.status === 404);

/** Whether payOS's API answered, in JSON, and not a machine in front of it. */
const isOfApi = ({ error }: APIError): boolean =>
  Object.values(error ?? {}).some((field) => field !== undefined && field !== null);

/** `isKeyUsed`: an earlier request with this key may still be on its way; only payOS's API itself ends that doubt. */
export function refundResultOf(error: unknown, isKeyUsed: boolean): RefundResult {
  const answered = error instanceof APIError && !isLost(error) ? error : null;
  const isUnkept = isLost(error) || unkept.has(answered?.status ?? 0);
  const isKeySpent = !isUnkept && (!isKeyUsed || (answered !== null && isOfApi(answered)));
  return { kind: isRefusal(error) ? 'rejected' : 'retry', code: codeOf(error), isKeySpent };
}
