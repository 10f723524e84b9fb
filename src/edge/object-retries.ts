/** Which requests to an object a Worker retries, after which errors, and when. */

import { backoffMs } from '../domain/backoff.ts';
import { OBJECT_ATTEMPTS_MAX, OBJECT_RETRY_FIRST_MS } from '../limits.ts';
import type { Clock } from '../split/clock.ts';

const webhookPath = /^\/payments\/[^/]+\/webhook$/;

/**
 * Whether a repeated request is safe whatever the object has done: a read, a purchase with a key,
 * or a provider's webhook. An operator's write with a key is safe to repeat too, but the operator
 * decides.
 */
export function isIdempotent({ method, headers, url }: Request): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const { pathname } = new URL(url);
  const isPurchase = pathname === '/purchase' && headers.has('idempotency-key');
  return method === 'POST' && (isPurchase || webhookPath.test(pathname));
}

/** How the platform marks an error: the object is overloaded, or a retry may reach it. */
const isMarked = (error: unknown, mark: 'overloaded' | 'retryable'): boolean =>
  error instanceof Error && Reflect.get(error, mark) === true;

/** Whether the object was overloaded, in which case it did not execute the call. */
export const isOverloaded = (error: unknown): boolean => isMarked(error, 'overloaded');

/**
 * Calls an object, and retries an idempotent call where the platform marks its error `retryable`.
 * Does not retry on an overloaded object: its callers retry later. Rejects with the last error.
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
    const waitMs = backoffMs(attempt - 1, random, OBJECT_RETRY_FIRST_MS, Number.POSITIVE_INFINITY);
    await new Promise<void>((resolve) => clock.after(waitMs, resolve));
  }
}
