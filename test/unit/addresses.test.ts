/** Addresses and networks: what counts as one, and who is believed about where a request comes from. */
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { countedAs, isInNetwork, parseAddress, parseNetwork } from '../../src/addresses.ts';
import { clientAddress } from '../../src/http/client-address.ts';

const counted = (text: string): string | null => {
  const address = parseAddress(text);
  return address && countedAs(address);
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
    'unknown',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeNull();
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
    '%j is none',
    (text) => {
      expect(parseNetwork(text)).toBeNull();
    },
  );
});

describe('where a request comes from', () => {
  const proxies = [parseNetwork('10.0.0.0/8'), parseNetwork('::1')].filter((network) => network !== null);
  const askedFrom = async (peer: string, forwardedFor?: string, trusted = proxies) => {
    let warnings = 0;
    const of = clientAddress(
      () => peer,
      trusted,
      () => {
        warnings += 1;
      },
    );
    const app = new Hono().get('/', (c) => c.json({ address: of(c) }));
    const headers: Record<string, string> =
      forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
    const { address } = (await (await app.request('/', { headers })).json()) as { address: string };
    return { address, warnings };
  };

  test.each<[string, string, string | undefined, string]>([
    ['a peer speaks for itself', '203.0.113.9', undefined, '203.0.113.9'],
    ['a peer that is no proxy is not believed', '203.0.113.9', '192.0.2.1', '203.0.113.9'],
    ['a proxy is', '10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['what stands before is made up', '10.0.0.1', '198.51.100.7, 192.0.2.1', '192.0.2.1'],
    ['proxies before proxies are passed', '::1', '198.51.100.7, 192.0.2.1, 10.3.2.1', '192.0.2.1'],
    ['an unreadable one ends the way', '10.0.0.1', '192.0.2.1, nonsense', '10.0.0.1'],
    ['an empty one too', '10.0.0.1', '', '10.0.0.1'],
    ['only proxies: the first of them', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ])('%s', async (_, peer, forwardedFor, expected) => {
    expect(await askedFrom(peer, forwardedFor)).toEqual({ address: counted(expected), warnings: 0 });
  });

  test('a proxy that nobody has named is noticed, and not believed', async () => {
    expect(await askedFrom('10.0.0.1', '192.0.2.1', [])).toEqual({
      address: counted('10.0.0.1'),
      warnings: 1,
    });
  });
});
