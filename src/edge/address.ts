/** Client addresses as Cloudflare reports them: clients can't set this header. */
import { parseAddress, rateLimitKeyOf } from '../domain/ip-address.ts';
import type { Caller } from '../http/caller.ts';

const header = 'cf-connecting-ip';

/** Returns null where the platform sets no header, as on a developer's machine. */
function keyOf(value: string | null | undefined): string | null {
  const address = parseAddress(value ?? '');
  return address && rateLimitKeyOf(address);
}

export const addressIn = (headers: Headers): string | null => keyOf(headers.get(header));
export const edgeAddress = ({ req }: Caller): string | null => keyOf(req.header(header));
