/** Addresses and networks: the unit of a client, and which proxy headers are trusted. */
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import {
  isInNetwork,
  parseAddress,
  parseForwarded,
  parseNetwork,
  rateLimitKeyOf,
} from '../../../src/domain/ip-address.ts';
import { clientAddress } from '../../../src/http/client-address.ts';

const counted = (text: string): string | null => {
  const address = parseAddress(text);
  return address && rateLimitKeyOf(address);
};

describe('an address', () => {
  test.each([
    ['192.0.2.1', '::ffff:192.0.2.1'],
    ['192.0.2.1', '[::ffff:c000:201]'],
    ['2001:db8::1', '2001:DB8:0:0:ffff::'],
    ['fe80::1%eth0', 'fe80::2'],
  ])('%s counts as %s', (one, other) => {
    expect(counted(one)).not.toBeNull();
    expect(counted(one)).toBe(counted(other));
  });

  test.each([
    ['192.0.2.1', '192.0.2.2'],
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
    ['::', '0.0.0.0'],
  ])('%s does not count as %s', (one, other) => {
    expect(counted(one)).not.toBe(counted(other));
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    'g::',
    '1:192.0.2.1::',
    '::ffff:192.0.2.256',
    '0x7f.0.0.1',
    '127.1',
    'unknown',
  ])('%j is invalid', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
});

describe('an entry of X-Forwarded-For', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1:4711 ', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[fe80::1%eth0]:443', 'fe80::1'],
    ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
  ])('%j is %s', (entry, expected) => {
    expect(parseForwarded(entry)).toEqual(parseAddress(expected));
  });

  test.each([
    '192.0.2.1:',
    '192.0.2.1:http',
    '192.0.2.1:123456',
    '192.0.2.1:1:2',
    '[2001:db8::1]443',
    ':443',
    'unknown',
  ])('%j is invalid', (entry) => {
    expect(parseForwarded(entry)).toBeNull();
  });

  test('may have a port, unlike a network', () => {
    expect(parseNetwork('192.0.2.1:80')).toBeNull();
  });
});

describe('a network', () => {
  test.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['10.0.0.0/8', '2001:db8::1', false],
  ])('%s with %s: %s', (network, address, expected) => {
    const parsed = parseNetwork(network);
    expect(parsed && isInNetwork(parseAddress(address) ?? [], parsed)).toBe(expected);
  });

  test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '2001:db8::/129', 'ten', '1.2.3.4/8/8'])(
    '%j is invalid',
    (text) => {
      expect(parseNetwork(text)).toBeNull();
    },
  );
});

describe('where a request comes from', () => {
  const proxies = [parseNetwork('10.0.0.0/8'), parseNetwork('::1')].filter((network) => network !== null);
  const askedFrom = async (peer: string, forwardedFor?: string, trusted = proxies) => {
    const warnings: string[] = [];
    const of = clientAddress(() => peer, trusted, {
      unexpected: () => warnings.push('unexpected'),
      unreadable: (entry) => warnings.push(entry.trim()),
    });
    const app = new Hono().get('/', (c) => c.json({ address: of(c) }));
    const headers: Record<string, string> =
      forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
    const { address } = (await (await app.request('/', { headers })).json()) as { address: string };
    return { address, warnings };
  };

  test.each<[string, string, string | undefined, string]>([
    ['a direct peer is the client', '203.0.113.9', undefined, '203.0.113.9'],
    ['a header from an untrusted peer is ignored', '203.0.113.9', '192.0.2.1', '203.0.113.9'],
    ['a header from a trusted proxy is used', '10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['earlier entries are ignored', '10.0.0.1', '198.51.100.7, 192.0.2.1', '192.0.2.1'],
    ['trusted proxies in the header are skipped', '::1', '198.51.100.7, 192.0.2.1, 10.3.2.1', '192.0.2.1'],
    ['a port is removed', '10.0.0.1', '198.51.100.7:1, 192.0.2.1:50000, [::1]:443', '192.0.2.1'],
    ['only proxies: the first one', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ])('%s', async (_, peer, forwardedFor, expected) => {
    expect(await askedFrom(peer, forwardedFor)).toEqual({ address: counted(expected), warnings: [] });
  });

  test.each([
    ['192.0.2.1, nonsense', 'nonsense'],
    ['192.0.2.1, 192.0.2.1:', '192.0.2.1:'],
    ['', ''],
  ])('%j ends at the first unreadable entry, which is reported', async (forwardedFor, entry) => {
    const expected = { address: counted('10.0.0.1'), warnings: [entry] };
    expect(await askedFrom('10.0.0.1', forwardedFor)).toEqual(expected);
    // A buyer can write anything before the entry that the proxy adds.
    const added = `${forwardedFor}, 192.0.2.9`;
    expect(await askedFrom('10.0.0.1', added)).toEqual({ address: counted('192.0.2.9'), warnings: [] });
  });

  test('an unconfigured proxy is reported and not trusted', async () => {
    expect(await askedFrom('10.0.0.1', '192.0.2.1', [])).toEqual({
      address: counted('10.0.0.1'),
      warnings: ['unexpected'],
    });
  });
});
