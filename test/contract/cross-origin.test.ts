/** CORS_ORIGINS: pages of the listed origins may call the public API, and no others. */
import { describe, expect, it, onTestFinished, test } from 'vitest';
import type { Call } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { purchaseCall, unique, until } from '../support/shop.ts';

const friend = 'https://front.example';
const other = 'http://localhost:5173';
const stranger = 'https://evil.example';
const list = { CORS_ORIGINS: `${friend}, ${other}` };

describe.each(runtimes)('named origins on %s', (runtime) => {
  const shop = useServer(runtime, list);
  const ask = (call: Call, origin: string | null) =>
    shop.send({ ...call, headers: { ...call.headers, ...(origin !== null && { Origin: origin }) } });
  const preflight = (path: string, method: string, origin: string) =>
    ask({ method: 'OPTIONS', path, headers: { 'Access-Control-Request-Method': method } }, origin);

  it.each([
    ['/drops', 'GET'],
    ['/drops/any', 'GET'],
    ['/drops/any/stock', 'GET'],
    ['/purchase', 'POST'],
    ['/orders/any', 'GET'],
    ['/orders/any/cancel', 'POST'],
  ])('a preflight of %s is answered for them only', async (path, method) => {
    for (const origin of [friend, other]) {
      const { status, headers } = await preflight(path, method, origin);
      expect([status, headers['access-control-allow-origin']]).toEqual([204, origin]);
      expect(headers['access-control-allow-methods']).toContain(method);
      const allowed = headers['access-control-allow-headers'] ?? '';
      for (const name of [
        'Authorization',
        'Content-Type',
        'Idempotency-Key',
        'Last-Event-ID',
        'If-None-Match',
      ]) {
        expect(allowed.split(', ')).toContain(name);
      }
      expect(Number(headers['access-control-max-age'])).toBeGreaterThan(0);
      expect(headers.vary?.split(', ')).toContain('Origin');
    }
    for (const origin of [stranger, 'null', `${friend}.evil.example`, 'https://FRONT.example']) {
      const { status, headers } = await preflight(path, method, origin);
      expect(status).toBe(204);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers.vary?.split(', ')).toContain('Origin');
    }
  });

  test('a purchase, its replay, its order and every refusal can be read', async () => {
    const drop = await shop.createDrop();
    const call = purchaseCall(drop.id, {}, crypto.randomUUID());
    const bought = await ask(call, friend);
    const replay = await ask(call, friend);
    const { order, token } = JSON.parse(bought.text);
    const answers = [
      ...[
        bought,
        replay,
        await ask({ path: '/drops' }, friend),
        await ask({ path: `/drops/${drop.id}` }, friend),
      ],
      await ask({ path: `/orders/${order.id}`, token }, friend),
      await ask({ method: 'POST', path: `/orders/${order.id}/cancel`, token }, friend),
      await ask({ path: '/orders/ord_none' }, friend),
      await ask({ path: '/drops/none' }, friend),
      await ask({ path: '/drops?phase=none' }, friend),
      await ask({ method: 'POST', path: '/purchase', body: '{' }, friend),
      await ask({ method: 'POST', path: '/purchase', body: Buffer.from([0xff]) }, friend),
      await ask({ method: 'DELETE', path: '/purchase' }, friend),
      await ask(purchaseCall('none'), friend),
    ];
    expect(answers.map(({ status }) => status)).toEqual([
      ...[201, 201, 200, 200, 200, 200, 404, 404, 422, 400, 400, 405, 404],
    ]);
    for (const { headers, text } of answers) {
      expect(headers['access-control-allow-origin'], text).toBe(friend);
      expect(headers['access-control-allow-credentials']).toBeUndefined();
      expect(headers.vary?.split(', '), text).toContain('Origin');
      const exposed = (headers['access-control-expose-headers'] ?? '').split(', ');
      for (const name of ['ETag', 'Idempotency-Replayed', 'RateLimit', 'Retry-After'])
        expect(exposed).toContain(name);
    }
    // At the edge the list receives the purchases above a little later.
    const known = await until(
      async () => {
        const { etag = '' } = (await ask({ path: '/drops' }, friend)).headers;
        return ask({ path: '/drops', headers: { 'If-None-Match': etag } }, friend);
      },
      ({ status }) => status === 304,
    );
    expect(known.headers['access-control-allow-origin']).toBe(friend);
  });

  test('a page of another origin, and a program, get no permission', async () => {
    const drop = await shop.createDrop();
    for (const origin of [stranger, 'null', null]) {
      for (const call of [{ path: '/drops' }, purchaseCall(drop.id), { path: '/orders/ord_none' }]) {
        const { headers } = await ask(call, origin);
        expect(headers['access-control-allow-origin']).toBeUndefined();
        expect(headers.vary?.split(', ')).toContain('Origin');
      }
    }
  });

  it.each(['/admin/drops', '/payments/sandbox/webhook', '/readyz', '/metrics', '/', '/admin/sign-in'])(
    '%s is not for other origins',
    async (path) => {
      for (const method of ['GET', 'OPTIONS', 'POST']) {
        const headers = { 'Access-Control-Request-Method': 'POST' };
        const answer = await ask({ method, path, headers, token: shop.server.adminToken }, friend);
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    },
  );

  const stream = async (path: string, origin: string) => {
    const abort = new AbortController();
    onTestFinished(() => abort.abort());
    return fetch(shop.server.url + path, { headers: { origin }, signal: abort.signal });
  };
  test('the live stream can be read', async () => {
    const drop = await shop.createDrop();
    const received = await stream(`/drops/${drop.id}/stock`, friend);
    expect([received.status, received.headers.get('access-control-allow-origin')]).toEqual([200, friend]);
    expect(received.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const refused = await stream(`/drops/${drop.id}/stock`, stranger);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe.each(runtimes)('any origin on %s', (runtime) => {
  const shop = useServer(runtime, { CORS_ORIGINS: '*' });

  test('gets the same answer, without Vary', async () => {
    for (const headers of [{ Origin: stranger }, {}]) {
      const answer = await shop.send({ path: '/drops', headers });
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(answer.headers.vary).toBeUndefined();
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    }
  });
});

describe.each(runtimes)('no CORS_ORIGINS on %s', (runtime) => {
  const shop = useServer(runtime);

  test('no page of another origin may read an answer', async () => {
    const drop = await shop.createDrop();
    const headers = { Origin: friend, 'Access-Control-Request-Method': 'POST' };
    for (const call of [
      { path: '/drops' },
      { method: 'OPTIONS', path: '/purchase' },
      { path: `/drops/${drop.id}` },
    ]) {
      const answer = await shop.send({ ...call, headers });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe.each(runtimes.filter((name) => name === 'workerd'))('sockets on %s', (runtime) => {
  const named = useServer(runtime, list);
  const open = useServer(runtime);
  // Node's WebSocket sends the given headers; a browser sends its page's origin.
  const handshake = async (url: string, origin: string | null): Promise<number> => {
    const { request } = await import('node:http');
    const key = Buffer.from(unique().padEnd(16, '0')).toString('base64');
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const headers = { ...upgrade, 'sec-websocket-key': key, ...(origin !== null && { origin }) };
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers });
      sent.on('upgrade', (_, socket) => {
        socket.destroy();
        resolve(101);
      });
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on('error', reject).end();
    });
  };

  test('open for the server’s own pages, programs and listed origins', async () => {
    for (const shop of [named, open]) {
      const drop = await shop.createDrop();
      const url = `${shop.server.url}/drops/${drop.id}/stock`;
      expect(await handshake(url, null)).toBe(101);
      expect(await handshake(url, shop.server.url)).toBe(101);
      expect(await handshake(url, friend)).toBe(shop === named ? 101 : 403);
      expect(await handshake(url, stranger)).toBe(403);
      expect(await handshake(url, 'null')).toBe(403);
    }
  });
});
