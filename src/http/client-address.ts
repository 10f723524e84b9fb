/** Determines the client's address: the peer's, or the one that trusted proxies name. */
import {
  isInNetwork,
  type Network,
  parseAddress,
  parseForwarded,
  rateLimitKeyOf,
} from '../domain/ip-address.ts';
import type { Caller } from './caller.ts';

/** The address of the connected peer; null for a request without a connection. */
export type PeerAddress = (c: Caller) => string | null;

/** Warnings about proxies for the operator; neither changes which address counts. */
export interface ProxyWarnings {
  /** A request was forwarded, but no proxy is trusted. */
  unexpected(): void;
  /** A trusted proxy wrote an entry that is no address. */
  unreadable(entry: string): void;
}

/**
 * Returns the address as `rateLimitKeyOf` normalises it; null without an address. Reads
 * X-Forwarded-For from its end, where the nearest proxy writes, up to the first address that is no
 * trusted proxy: clients can forge everything before it.
 */
export function clientAddress(
  peerAddress: PeerAddress,
  trustedProxies: readonly Network[],
  warnings: ProxyWarnings,
): (c: Caller) => string | null {
  return (c) => {
    const peer = peerAddress(c);
    let client = peer === null ? null : parseAddress(peer);
    if (!client) return null;
    const forwardedFor = c.req.header('x-forwarded-for');
    if (forwardedFor === undefined) return rateLimitKeyOf(client);
    if (trustedProxies.length === 0) warnings.unexpected();
    const hops = forwardedFor.split(',');
    while (trustedProxies.some((network) => isInNetwork(client ?? [], network))) {
      const entry = hops.pop();
      if (entry === undefined) break;
      const before = parseForwarded(entry);
      // The last known proxy counts. All buyers behind it then share one quota, so warn the
      // operator.
      if (!before) {
        warnings.unreadable(entry);
        break;
      }
      client = before;
    }
    return rateLimitKeyOf(client);
  };
}
