/** Client addresses as Cloudflare reports them: clients can't set this header. */
import type { Context } from 'hono';
import { parseAddress, rateLimitKeyOf } from '../domain/ip-address.ts';

/** Returns null where the platform sets no header, as on a developer's machine. */
export function addressIn(headers: Headers): string | null {
  const address = parseAddress(headers.get('cf-connecting-ip') ?? '');
  return address && rateLimitKeyOf(address);
}

export const edgeAddress = (c: Context): string | null => addressIn(c.req.raw.headers);
