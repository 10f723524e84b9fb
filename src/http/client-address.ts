/** Finds out where a request comes from: the peer itself, or whom the proxies that are believed name. */
import type { Context } from 'hono';
import { countedAs, isInNetwork, type Network, parseAddress, parseForwarded } from '../domain/ip-address.ts';

/** The address of whoever is connected; null for a request that came over no connection. */
export type PeerAddress = (c: Context) => string | null;

/** What an operator must hear about the proxies: neither changes whose address counts. */
export interface ProxyWarnings {
  /** A request was forwarded, and no proxy is trusted. */
  unexpected(): void;
  /** A trusted proxy wrote an entry that is no address. */
  unreadable(entry: string): void;
}

/**
 * Counted as `countedAs` says; null where there is no address. X-Forwarded-For is read from its end, where the nearest
 * proxy has written, up to the first address that no believed proxy has: what stands before it anybody may have made up.
 */
export function clientAddress(
  peerAddress: PeerAddress,
  trustedProxies: readonly Network[],
  warnings: ProxyWarnings,
): (c: Context) => string | null {
  return (c) => {
    const peer = peerAddress(c);
    let client = peer === null ? null : parseAddress(peer);
    if (!client) return null;
    const forwardedFor = c.req.header('x-forwarded-for');
    if (forwardedFor === undefined) return countedAs(client);
    if (trustedProxies.length === 0) warnings.unexpected();
    const hops = forwardedFor.split(',');
    while (trustedProxies.some((network) => isInNetwork(client ?? [], network))) {
      const entry = hops.pop();
      if (entry === undefined) break;
      const before = parseForwarded(entry);
      // The last proxy that is known counts. Every buyer behind it then has one quota, so the operator must hear of it.
      if (!before) {
        warnings.unreadable(entry);
        break;
      }
      client = before;
    }
    return countedAs(client);
  };
}
