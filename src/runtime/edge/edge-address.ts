/** Where a request comes from, as Cloudflare says: clients can't set this header there. */
import type { Context } from 'hono';
import { countedAs, parseAddress } from '../../addresses.ts';

/** Null where the platform has not said it, as on a developer's machine. */
export function edgeAddress(c: Context): string | null {
  const address = parseAddress(c.req.header('cf-connecting-ip') ?? '');
  return address && countedAs(address);
}
