/** Which requests to an object a Worker may retry, after which errors, and when. */

import { OBJECT_ATTEMPTS_MAX, OBJECT_RETRY_FIRST_MS } from '../limits.ts';
import type { Clock } from '../split/clock.ts';

const webhookPath = /^\/payments\/[^/]+\/webhook$/;

/**
 * Whether the request is idempotent whatever its object has done: a read, a purchase with a key, or a provider's webhook. The key of
 * an operator's write makes a retry safe too, but that retry is the operator's.
 */
export function isIdempotent({ method, headers, url }: Request): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const { pathname } = new URL(url);
  const isPurchase = pathname === '/purchase' && headers.has('idempotency-key');
  return method === 'POST' && (isPurchase || webhookPath.test(pathname));
}

/** What the platform says of an error: the object has too much to do already, or a retry may reach it. */
const isMarked = (error: unknown, mark: 'overloaded' | 'retryable'): boolean =>
  error instanceof Error && Reflect.get(error, mark) === true;

/** Whether the object was overloaded: then the call was not executed. */
export const isOverloaded = (error: unknown): boolean => isMarked(error, 'overloaded');

/** Doubles with each attempt, less up to a half by chance: calls that failed together must not come back together. */
const backoffMs = (attempt: number, random: () => number): number =>
  OBJECT_RETRY_FIRST_MS * 2 ** (attempt - 1) * (1 - random() / 2);

/**
 * Calls an object, and retries an idempotent call where the platform marks its error `retryable`. An overloaded object gets no
 * retry: its callers retry, later. Rejects with the last error.
 */
export async function withRetries<T>(
  call: () => Promise<T>,
  isCallIdempotent: boolean,
  clock: Pick<Clock, 'after'>,
  random: () => number,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const mayHelp = isMarked(error, 'retryable') && !isOverloaded(error);
      if (!isCallIdempotent || !mayHelp || attempt === OBJECT_ATTEMPTS_MAX) throw error;
    }
    await new Promise<void>((resolve) => clock.after(backoffMs(attempt, random), resolve));
  }
}
