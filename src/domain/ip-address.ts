/** IP addresses and networks, for the keys of rate limits and for trusted proxies. */
import ipaddr from 'ipaddr.js';

/** Groups of 16 bits: two of an IPv4 address, eight of an IPv6 one. Plain, to cross threads. */
type Groups = readonly number[];

/** Parses an address, also with brackets or zone; mapped IPv4 becomes IPv4. Null if invalid. */
export function parseAddress(text: string): Groups | null {
  const bare = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '');
  // The library also accepts `127.1`, octal and hexadecimal, which no proxy writes.
  const isIpv4 = ipaddr.IPv4.isValidFourPartDecimal(bare);
  if (!isIpv4 && !ipaddr.IPv6.isValid(bare)) return null;
  const address = isIpv4 ? ipaddr.IPv4.parse(bare) : ipaddr.process(bare);
  if (address instanceof ipaddr.IPv6) return address.parts;
  const [a = 0, b = 0, c = 0, d = 0] = address.octets;
  return [a * 256 + b, c * 256 + d];
}

/** Parses an entry of X-Forwarded-For, with the port that some proxies add. Null if invalid. */
export function parseForwarded(text: string): Groups | null {
  const [, address] = /^\s*(\[[^\]]*\]|[\d.]+):\d{1,5}\s*$/.exec(text) ?? [];
  return parseAddress(address ?? text);
}

export interface Network {
  groups: Groups;
  bits: number;
}

/** Parses an address, or a network such as `10.0.0.0/8`. Null if invalid. */
export function parseNetwork(text: string): Network | null {
  const [address = '', size, more] = text.trim().split('/');
  const groups = parseAddress(address);
  if (!groups || more !== undefined) return null;
  const bitsMax = groups.length * 16;
  if (size === undefined) return { groups, bits: bitsMax };
  return /^\d{1,3}$/.test(size) && Number(size) <= bitsMax ? { groups, bits: Number(size) } : null;
}

export function isInNetwork(address: Groups, { groups, bits }: Network): boolean {
  if (address.length !== groups.length) return false;
  return groups.every((group, index) => {
    const ignored = 16 - Math.min(16, Math.max(0, bits - index * 16));
    return group >> ignored === (address[index] ?? 0) >> ignored;
  });
}

/** The rate-limit key of an address: the IPv4 address, or the /64 that one IPv6 customer gets. */
export const rateLimitKeyOf = (address: Groups): string =>
  address
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(address.length === 2 ? '.' : ':');
