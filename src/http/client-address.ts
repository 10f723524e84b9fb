/** Finds out where a request comes from: the peer itself, or whom the proxies that are believed name. */
import type { Context } from 'hono';
import { countedAs, isInNetwork, type Network, parseAddress } from '../addresses.ts';

/** The address of whoever is connected; null for a request that came over no connection. */
export type PeerAddress = (c: Context) => string | null;

/**
 * Counted as `countedAs` says; null where there is no address. X-Forwarded-For is read from its end, where the nearest
 * proxy has written, up to the first address that no believed proxy has: what stands before it anybody may have made up.
 */
export function clientAddress(
  peerAddress: PeerAddress,
  trustedProxies: readonly Network[],
  onUnexpectedProxy: () => void,
): (c: Context) => string | null {
  return (c) => {
    const peer = peerAddress(c);
    let client = peer === null ? null : parseAddress(peer);
    if (!client) return null;
    const forwardedFor = c.req.header('x-forwarded-for');
    if (forwardedFor === undefined) return countedAs(client);
    if (trustedProxies.length === 0) onUnexpectedProxy();
    const hops = forwardedFor.split(',');
    while (trustedProxies.some((network) => isInNetwork(client ?? [], network))) {
      const before = parseAddress(hops.pop() ?? '');
      // Nothing readable stands before this proxy: it is the last that is known.
      if (!before) break;
      client = before;
    }
    return countedAs(client);
  };
}
