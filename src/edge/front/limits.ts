/**
 * The rate limits of the Worker in front: counted by Cloudflare per location, or else by this
 * isolate.
 */
import type { Context } from 'hono';
import {
  ADDRESS_LOOKUPS_MAX,
  ADDRESS_REQUESTS_MAX,
  FAILED_LOGINS_MAX,
  RATE_LIMIT_KEYS_MAX,
  RATE_WINDOW_MS,
} from '../../domain/client-limits.ts';
import { OwnKeyTimes } from '../../http/key-times.ts';
import { type Quota, RateLimiter } from '../../http/rate-limiter.ts';
import { createRateLimits, type RateLimits, refusal } from '../../http/rate-limits.ts';
import type { Clock } from '../../split/clock.ts';
import { edgeAddress } from '../address.ts';

/** The bindings of wrangler.toml, with the quotas that it must set. A deployment may lack them. */
type RateBindings = Partial<Pick<Env, 'ADDRESS_RATE' | 'LOGIN_RATE' | 'LOOKUP_RATE'>>;
const quotaOf = (name: string, quota: number): Quota => ({ name, quota, windowMs: RATE_WINDOW_MS });
const boundQuotas: Readonly<Record<keyof RateBindings, Quota>> = {
  ADDRESS_RATE: quotaOf('address', ADDRESS_REQUESTS_MAX),
  LOGIN_RATE: quotaOf('login', FAILED_LOGINS_MAX),
  LOOKUP_RATE: quotaOf('address-lookups', ADDRESS_LOOKUPS_MAX),
};

export interface FrontLimits extends RateLimits {
  /** Counts a catalogue query against the client's address. A Response is the refusal to send. */
  limitLookups(c: Context): Promise<Response | null>;
}

export function createFrontLimits(bindings: RateBindings, clock: Clock): FrontLimits {
  const own = createRateLimits(edgeAddress, clock);
  const lookups = new RateLimiter(
    boundQuotas.LOOKUP_RATE,
    new OwnKeyTimes({ ...boundQuotas.LOOKUP_RATE, keysMax: RATE_LIMIT_KEYS_MAX }, clock),
  );
  /** Null: allowed, or not counted. Undefined: the binding is missing or fails. */
  const refusalBy = async (name: keyof RateBindings, c: Context): Promise<Response | null | undefined> => {
    const key = edgeAddress(c);
    if (key === null) return null;
    const counted = await bindings[name]?.limit({ key }).catch(() => undefined);
    if (!counted) return undefined;
    // The platform reports neither what is left nor when it resets.
    const spent = { isAllowed: false, remaining: 0, resetMs: RATE_WINDOW_MS, retryMs: RATE_WINDOW_MS };
    return counted.success ? null : refusal(boundQuotas[name], spent);
  };
  return {
    ...own,
    async byAddress(c, next) {
      const refused = c.req.method === 'OPTIONS' ? null : await refusalBy('ADDRESS_RATE', c);
      return refused === undefined ? own.byAddress(c, next) : (refused ?? next());
    },
    async limitFailedLogins(c) {
      const refused = await refusalBy('LOGIN_RATE', c);
      return refused === undefined ? own.limitFailedLogins(c) : refused;
    },
    async limitLookups(c) {
      const refused = await refusalBy('LOOKUP_RATE', c);
      if (refused !== undefined) return refused;
      const standing = lookups.take(edgeAddress(c) ?? '');
      return standing.isAllowed ? null : refusal(boundQuotas.LOOKUP_RATE, standing);
    },
  };
}
