/** Where a request comes from, as Cloudflare says: clients can't set this header there. */
import { countedAs, parseAddress } from '../../addresses.ts';

/** Null where the platform has not said it, as on a developer's machine. */
export function edgeAddress(headers: Headers): string | null {
  const address = parseAddress(headers.get('cf-connecting-ip') ?? '');
  return address && countedAs(address);
}
