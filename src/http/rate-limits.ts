/** Defines the rate limits and their headers (the IETF draft's RateLimit fields, Retry-After). */
import type { Context, MiddlewareHandler } from 'hono';
import {
  ADDRESS_FINDS_MAX,
  ADDRESS_LINK_MAILS_MAX,
  ADDRESS_REQUESTS_MAX,
  CUSTOMER_PURCHASES_MAX,
  FAILED_LOGINS_MAX,
  FIND_WINDOW_MS,
  RATE_LIMIT_KEYS_MAX,
  RATE_WINDOW_MS,
  unpaidUnitsMax,
} from '../domain/client-limits.ts';
import type { PurchaseClient } from '../domain/command.ts';
import type { Drop } from '../domain/drop.ts';
import { ADDRESS_LISTENERS_MAX } from '../limits.ts';
import type { Clock } from '../split/clock.ts';
import type { Caller } from './caller.ts';
import { type KeyTimes, type KeyTimesSettings, OwnKeyTimes } from './key-times.ts';
import { problem } from './problem.ts';
import { type Quota, RateLimiter, type Standing } from './rate-limiter.ts';

const seconds = (ms: number): number => Math.ceil(ms / 1000);

function headersOf({ name, quota, windowMs }: Quota, { remaining, resetMs }: Standing) {
  return {
    'ratelimit-policy': `"${name}";q=${quota};w=${seconds(windowMs)}`,
    ratelimit: `"${name}";r=${remaining};t=${seconds(resetMs)}`,
  };
}

export function refusal(quota: Quota, standing: Standing): Response {
  const [counted, what = 'requests'] = quota.name.split('-');
  return problem('rate_limited', {
    detail: `Too many ${what} from one ${counted}. Nothing was changed. Try again later.`,
    headers: { ...headersOf(quota, standing), 'retry-after': String(Math.max(1, seconds(standing.retryMs))) },
  });
}

/** How soon a listener may retry, for when another one of its address ends. */
const LISTENER_RETRY_SECONDS = 30;

/** Refuses a stream to an address at its limit. */
export const tooManyListeners = (): Response =>
  problem('rate_limited', {
    detail: `The limit is ${ADDRESS_LISTENERS_MAX} live streams per address. Close one, or try again later.`,
    headers: { 'retry-after': String(LISTENER_RETRY_SECONDS) },
  });

export interface RateLimits {
  /**
   * Counts a request against its address. Returns the refusal, or the headers of its answer unless
   * the answer has its own; null if the request has no address.
   */
  limitAddress(c: Caller): Response | Readonly<Record<string, string>> | null;
  /** Counts a request against its address. */
  byAddress: MiddlewareHandler;
  /** Counts a purchase request against its customer. A Response is the refusal to send instead. */
  limitCustomer(customer: string): Response | null;
  /**
   * Counts a purchase's units beyond the first against address and customer; the request itself
   * counts the first. Returns a function that undoes this if no units were reserved. A Response is
   * the refusal to send instead.
   */
  limitUnits(c: Caller, customer: string, quantity: number): Response | (() => void);
  /** The client address of a purchase, and the bound on its unpaid units of the drop. */
  clientOf(c: Caller, drop: Drop): PurchaseClient;
  /** Counts a wrong operator token against its address. A Response replaces the 401. */
  limitFailedLogins(c: Context): Response | null | Promise<Response | null>;
  /** Counts a listener of its address until the function is called. A Response is the refusal. */
  limitListeners(c: Context): Response | (() => void);
  /**
   * Counts a request for lost links against its address. A Response is the refusal to send instead.
   */
  limitFinds(c: Context): Response | null;
  /** Counts an e-mail with links against customer and requesting address; false: do not send it. */
  mayMailLinks(c: Context, customer: string): boolean;
}

export interface UnpaidSettings {
  /** Identifies an address without containing it. */
  hashOf: (address: string) => string;
  /** ADDRESS_UNITS_MAX; null: derived from the drop's stock. */
  unitsMax: number | null;
  /** Number of objects that share each drop's stock. */
  shards: number;
}

const limitedBy = (limitAddress: RateLimits['limitAddress']): MiddlewareHandler =>
  async function byAddress(c, next) {
    // A browser's preflight is not the buyer's request.
    const limited = c.req.method === 'OPTIONS' ? null : limitAddress(c);
    if (limited === null) return next();
    if (limited instanceof Response) return limited;
    await next();
    for (const [name, value] of Object.entries(limited)) {
      // A refusal by customer has its own headers.
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  };

/** Returns the times of the limiter `name`. */
export type KeyTimesOf = (name: string, settings: KeyTimesSettings) => KeyTimes;

/**
 * Requests for which `addressOf` returns null are not counted. Without `timesOf`, each thread
 * counts alone.
 */
export function createRateLimits(
  addressOf: (c: Caller) => string | null,
  clock: Clock,
  unpaid: UnpaidSettings = { hashOf: (address) => address, unitsMax: null, shards: 1 },
  timesOf: KeyTimesOf = (_, settings) => new OwnKeyTimes(settings, clock),
): RateLimits {
  const limiter = (name: string, quota: number, windowMs = RATE_WINDOW_MS): RateLimiter =>
    new RateLimiter({ name, quota, windowMs }, timesOf(name, { windowMs, keysMax: RATE_LIMIT_KEYS_MAX }));
  const addresses = limiter('address', ADDRESS_REQUESTS_MAX);
  const customers = limiter('customer', CUSTOMER_PURCHASES_MAX);
  // Separate from requests: a buyer of many units must still be able to see and pay the order.
  const addressUnits = limiter('address-units', ADDRESS_REQUESTS_MAX);
  const customerUnits = limiter('customer-units', CUSTOMER_PURCHASES_MAX);
  const logins = limiter('login', FAILED_LOGINS_MAX);
  const finds = limiter('find', ADDRESS_FINDS_MAX, FIND_WINDOW_MS);
  const mails = limiter('link-mail', ADDRESS_LINK_MAILS_MAX, FIND_WINDOW_MS);
  /** Open streams by address. */
  const listeners = new Map<string, number>();
  const take = (limit: RateLimiter, key: string | null, count = 1): Response | null => {
    const standing = key === null ? null : limit.take(key, count);
    return standing === null || standing.isAllowed ? null : refusal(limit.quota, standing);
  };

  const limitAddress: RateLimits['limitAddress'] = (c) => {
    const address = addressOf(c);
    if (address === null) return null;
    const standing = addresses.take(address);
    return standing.isAllowed ? headersOf(addresses.quota, standing) : refusal(addresses.quota, standing);
  };

  return {
    limitAddress,
    byAddress: limitedBy(limitAddress),
    limitCustomer: (customer) => take(customers, customer),
    limitUnits(c, customer, quantity) {
      const more = quantity - 1;
      if (more === 0) return () => undefined;
      const address = addressOf(c);
      const tooMany = take(addressUnits, address, more);
      if (tooMany) return tooMany;
      const release = (): void => {
        if (address !== null) addressUnits.release(address, more);
      };
      // The largest order uses a customer's whole quota, so it needs a full one.
      const ofCustomer = Math.min(more, CUSTOMER_PURCHASES_MAX);
      const tooManyOfCustomer = take(customerUnits, customer, ofCustomer);
      if (tooManyOfCustomer) {
        release();
        return tooManyOfCustomer;
      }
      return () => {
        release();
        customerUnits.release(customer, ofCustomer);
      };
    },
    clientOf(c, { items }) {
      const address = addressOf(c);
      const stock = items.reduce((sum, item) => sum + item.stock, 0);
      return {
        address: address === null ? null : unpaid.hashOf(address),
        unpaidUnitsMax: unpaidUnitsMax(stock, unpaid.shards, unpaid.unitsMax),
      };
    },
    limitFailedLogins: (c) => take(logins, addressOf(c)),
    limitListeners(c) {
      const address = addressOf(c);
      if (address === null) return () => undefined;
      const count = listeners.get(address) ?? 0;
      if (count >= ADDRESS_LISTENERS_MAX) return tooManyListeners();
      listeners.set(address, count + 1);
      return () => {
        const left = (listeners.get(address) ?? 0) - 1;
        if (left > 0) listeners.set(address, left);
        else listeners.delete(address);
      };
    },
    limitFinds: (c) => take(finds, addressOf(c)),
    mayMailLinks: (c, customer) => mails.take([addressOf(c), customer].join(' ')).isAllowed,
  };
}
