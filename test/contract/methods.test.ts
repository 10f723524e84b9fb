/** Methods by RFC 9110: HEAD is GET without a body; OPTIONS and 405 list a path's methods. */
import { describe, expect, it, test } from 'vitest';
import { readJson } from '../support/client.ts';
import { machines, runtimes, useServer } from '../support/contract-server.ts';
import { sendRaw } from '../support/raw-request.ts';
import { expectAnswer } from '../support/scenario.ts';
import type { Problem } from '../support/shapes.ts';

interface Target {
  path: string;
  token?: string;
}

/** Headers that a HEAD may omit, or that differ between two answers. */
const varying =
  /^(?:date|content-length|connection|keep-alive|transfer-encoding|ratelimit|set-cookie|x-d1-bookmark)$/;

describe.each(runtimes)('methods on %s', (runtime) => {
  const shop = useServer(runtime);

  /** Every path that GET answers, and some that it refuses. */
  const targets = async (): Promise<Target[]> => {
    const drop = await shop.createDrop();
    const { order, token } = await shop.buy(drop.id);
    const paths = [
      '/',
      '/drops',
      '/drops?phase=live',
      '/livez',
      '/readyz',
      '/version',
      '/openapi.json',
      '/docs',
    ];
    const more = ['/problems', '/problems/sold_out', '/assets/shop.css', '/admin', '/admin/sign-in'];
    const refused = ['/nothing', '/drops/nothing', '/drops?phase=none', '/orders/ord_none', '/problems/none'];
    const ofDrop = [`/drops/${drop.id}`, `/drops/${drop.id}/stock`, `/d/${drop.slug}`, `/o/${order.id}`];
    const admin = ['/admin/drops', '/admin/orders', '/admin/refunds', '/admin/subscribers', '/admin/nothing'];
    const ofAdmin = ['', '/audit', '/orders.csv'].map((part) => `/admin/drops/${drop.id}${part}`);
    return [
      ...[...paths, ...more, ...refused, ...ofDrop, `/pay/${order.id}`, '/admin/drops'].map((path) => ({
        path,
      })),
      { path: `/orders/${order.id}`, token },
      ...[...admin, ...ofAdmin, `/admin/orders/${order.id}`].map((path) => ({
        path,
        token: shop.server.adminToken,
      })),
    ];
  };
  const look = async (method: 'GET' | 'HEAD', { path, token }: Target) => {
    const abort = new AbortController();
    const answer = await fetch(shop.server.url + path, {
      method,
      redirect: 'manual',
      signal: abort.signal,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
    const body = method === 'GET' && isStream ? 'a stream' : await answer.text();
    abort.abort();
    const headers = [...answer.headers].filter(([name]) => !varying.test(name));
    return { status: answer.status, headers, body, length: answer.headers.get('content-length') };
  };

  test('HEAD answers as GET does, without a body', async () => {
    for (const target of await targets()) {
      const [get, head] = [await look('GET', target), await look('HEAD', target)];
      expect(head, target.path).toEqual({ ...get, body: '', length: head.length });
      // HEAD may omit the length, and never sends another one (RFC 9110, section 8.6).
      const lengths = [null, String(Buffer.byteLength(get.body))];
      expect(lengths, `the length of HEAD ${target.path}`).toContain(head.length);
      if (target.path !== '/metrics' && get.status !== 303) expect(get.body, target.path).not.toBe('');
    }
  });

  const allowed: readonly (readonly [path: string, allow: string])[] = [
    ['/', 'GET, HEAD, OPTIONS'],
    ['/drops', 'GET, HEAD, OPTIONS'],
    ['/drops/any', 'GET, HEAD, OPTIONS'],
    ['/drops/any/stock', 'GET, HEAD, OPTIONS'],
    ['/purchase', 'POST, OPTIONS'],
    ['/orders/any', 'GET, HEAD, OPTIONS'],
    ['/orders/any/cancel', 'POST, OPTIONS'],
    ['/pay/any', 'GET, HEAD, POST, OPTIONS'],
    ['/payments/sandbox/webhook', 'POST, OPTIONS'],
    ['/livez', 'GET, HEAD, OPTIONS'],
    ['/readyz', 'GET, HEAD, OPTIONS'],
    ['/metrics', 'GET, HEAD, OPTIONS'],
    ['/openapi.json', 'GET, HEAD, OPTIONS'],
    ['/d/any', 'GET, HEAD, POST, OPTIONS'],
  ];
  const adminPaths: readonly (readonly [path: string, allow: string])[] = [
    ['/admin/drops', 'GET, HEAD, POST, OPTIONS'],
    ['/admin/drops/any', 'GET, HEAD, PATCH, OPTIONS'],
    ['/admin/drops/any/close', 'POST, OPTIONS'],
    ['/admin/customers/erase', 'POST, OPTIONS'],
  ];

  it.each(allowed)('OPTIONS %s lists %s, and every other method is refused', async (path, allow) => {
    const options = await shop.send({ method: 'OPTIONS', path });
    expect([options.status, options.headers.allow, options.text]).toEqual([204, allow, '']);
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      if (allow.includes(method)) continue;
      const answer = await shop.send({ method, path });
      expectAnswer(answer, { status: 405, code: 'method_not_allowed' });
      expect(answer.headers.allow, method).toBe(allow);
      expect(readJson<Problem>(answer).detail).toContain(allow);
    }
  });

  it.each(adminPaths)('%s lists its methods %s to operators only', async (path, allow) => {
    for (const method of ['OPTIONS', 'DELETE', 'PUT']) {
      const stranger = await shop.send({ method, path });
      expectAnswer(stranger, { status: 401, code: 'unauthorized' });
      expect(stranger.headers.allow).toBeUndefined();
      const answer = await shop.admin({ method, path });
      expect([answer.status, answer.headers.allow]).toEqual([method === 'OPTIONS' ? 204 : 405, allow]);
    }
  });

  test('an unknown path is 404 for every method', async () => {
    for (const method of ['GET', 'OPTIONS', 'POST', 'DELETE']) {
      for (const path of ['/nothing', '/drops/a/b/c', '/purchase/x']) {
        expectAnswer(await shop.send({ method, path }), { status: 404, code: 'not_found' });
      }
      expectAnswer(await shop.send({ method, path: '/admin/nothing' }), {
        status: 401,
        code: 'unauthorized',
      });
      expectAnswer(await shop.admin({ method, path: '/admin/nothing' }), { status: 404, code: 'not_found' });
    }
  });
});

describe.each(machines)('raw requests on %s', (runtime) => {
  const shop = useServer(runtime);
  const raw = (text: string) => sendRaw(shop.server.url, text);
  const statusOf = (received: string): string => /^HTTP\/1\.[01] (\d{3})/.exec(received)?.[1] ?? received;

  it.each(['/readyz', '/livez', '/drops', '/version', '/', '/docs', '/openapi.json'])(
    'HTTP/1.0 without a Host gets %s',
    async (path) => {
      const received = await raw(`GET ${path} HTTP/1.0\r\n\r\n`);
      expect(statusOf(received)).toBe('200');
      expect(received).not.toContain('transfer-encoding: chunked');
      expect(statusOf(await raw(`HEAD ${path} HTTP/1.0\r\n\r\n`))).toBe('200');
    },
  );

  test('HTTP/1.0 without a Host can buy, pay, and be refused', async () => {
    const drop = await shop.createDrop();
    const body = JSON.stringify({ dropId: drop.id, quantity: 1, customer: { email: 'ten@example.com' } });
    const fields = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const bought = await raw(`POST /purchase HTTP/1.0\r\n${fields}\r\n${body}`);
    expect(statusOf(bought)).toBe('201');
    const url = /"url":"([^"]+)"/.exec(bought)?.[1] ?? '';
    expect(new URL(url).origin).toBe(shop.server.url);
    expect(statusOf(await raw(`GET ${new URL(url).pathname} HTTP/1.0\r\n\r\n`))).toBe('200');
    expect(statusOf(await raw('GET /admin/drops HTTP/1.0\r\n\r\n'))).toBe('401');
    expect(statusOf(await raw('GET //readyz HTTP/1.0\r\n\r\n'))).toBe('404');
    expect(statusOf(await raw('GET /readyz?a=b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'))).toBe('200');
  });

  test('HTTP/1.1 needs a Host, and one that is a host', async () => {
    expect(statusOf(await raw('GET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n'))).toBe('400');
    expect(statusOf(await raw('GET /readyz HTTP/1.1\r\nHost: a b\r\n\r\n'))).toBe('400');
    expect(statusOf(await raw('GET /readyz HTTP/1.0\r\nHost: a b\r\n\r\n'))).toBe('400');
  });

  it.each([
    'a.example\r\nHost: b.example',
    'a.example\r\nHost: a.example',
    'a.example\r\nHost:',
    '\r\nHost: a.example',
  ])('one Host is not two (%j)', async (host) => {
    for (const version of ['1.1', '1.0']) {
      const received = await raw(`GET /readyz HTTP/${version}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(statusOf(received), version).toBe('400');
    }
  });

  test('TRACE echoes nothing, and CONNECT opens no tunnel', async () => {
    const fields = 'Host: localhost\r\nCookie: secret=canary\r\nConnection: close\r\n\r\n';
    const traced = await raw(`TRACE /readyz HTTP/1.1\r\n${fields}`);
    expect([statusOf(traced), traced.toLowerCase()]).toEqual([
      '405',
      expect.stringContaining('\r\nallow: get'),
    ]);
    expect(traced).not.toContain('canary');
    const tunnel = await raw(`CONNECT shop.example:443 HTTP/1.1\r\n${fields}`);
    expect([statusOf(tunnel), tunnel.toLowerCase()]).toEqual([
      '405',
      expect.stringContaining('\r\nallow: get'),
    ]);
  });
});
