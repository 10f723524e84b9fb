/** IP addresses and networks, for the keys of rate limits and for trusted proxies. */

/** Groups of 16 bits: two of an IPv4 address, eight of an IPv6 one. */
type Groups = readonly number[];

const octet = /^(?:0|[1-9]\d{0,2})$/;
const hextet = /^[0-9a-f]{1,4}$/i;
/** Prefix of IPv4 addresses within IPv6 (RFC 4291, 2.5.5.2). */
const mappedPrefix: Groups = [0, 0, 0, 0, 0, 0xff_ff];

function parseIpv4(text: string): Groups | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => octet.test(part) && Number(part) <= 255)) return null;
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  return [a * 256 + b, c * 256 + d];
}

function parseGroups(text: string): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const embedded = last.includes('.') ? parseIpv4(last) : null;
  if (last.includes('.') && !embedded) return null;
  const hextets = embedded ? parts.slice(0, -1) : parts;
  if (!hextets.every((part) => hextet.test(part))) return null;
  return [...hextets.map((part) => Number.parseInt(part, 16)), ...(embedded ?? [])];
}

function parseIpv6(text: string): Groups | null {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return null;
  const [front, back] = [parseGroups(head), parseGroups(tail ?? '')];
  if (!front || !back) return null;
  if (tail === undefined) return front.length === 8 ? front : null;
  const gap = 8 - front.length - back.length;
  return gap > 0 ? [...front, ...Array<number>(gap).fill(0), ...back] : null;
}

/** Parses an address, also with brackets or zone; mapped IPv4 becomes IPv4. Null if invalid. */
export function parseAddress(text: string): Groups | null {
  const bare = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '');
  if (!bare.includes(':')) return parseIpv4(bare);
  const groups = parseIpv6(bare);
  return groups && mappedPrefix.every((group, index) => group === groups[index]) ? groups.slice(6) : groups;
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
