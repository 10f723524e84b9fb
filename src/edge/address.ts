/** Where a request comes from, as Cloudflare says: clients can't set this header there. */
import type { Context } from 'hono';
import { parseAddress, rateLimitKeyOf } from '../domain/ip-address.ts';

/** Null where the platform has not said it, as on a developer's machine. */
export function addressIn(headers: Headers): string | null {
  const address = parseAddress(headers.get('cf-connecting-ip') ?? '');
  return address && rateLimitKeyOf(address);
}

export const edgeAddress = (c: Context): string | null => addressIn(c.req.raw.headers);
