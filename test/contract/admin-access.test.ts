/** Admin routes without the operator token: 401 before anything is read, and nothing changes. */
import { describe, expect, it } from 'vitest';
import type { Call } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import { dropBody } from '../support/shop.ts';

/** Every admin route, with a request that changes or shows something when authorized. */
const routes: readonly { name: string; call: (dropId: string) => Call }[] = [
  { name: 'GET /admin/drops', call: () => ({ path: '/admin/drops' }) },
  { name: 'POST /admin/drops', call: () => ({ method: 'POST', path: '/admin/drops', json: dropBody() }) },
  {
    name: 'POST /admin/drops with nonsense',
    call: () => ({ method: 'POST', path: '/admin/drops', body: 'canary' }),
  },
  {
    name: 'POST /admin/drops with 1 MB',
    call: () => ({ method: 'POST', path: '/admin/drops', body: 'x'.repeat(1_048_576) }),
  },
  { name: 'GET /admin/drops/:id', call: (id) => ({ path: `/admin/drops/${id}` }) },
  { name: 'GET /admin/drops/absent', call: () => ({ path: '/admin/drops/absent' }) },
  {
    name: 'PATCH /admin/drops/:id',
    call: (id) => ({ method: 'PATCH', path: `/admin/drops/${id}`, json: { paused: true } }),
  },
  {
    name: 'POST /admin/drops/:id/restock',
    call: (id) => ({ method: 'POST', path: `/admin/drops/${id}/restock`, json: { sku: 'one', quantity: 1 } }),
  },
  { name: 'GET /admin/orders', call: (id) => ({ path: `/admin/orders?dropId=${id}` }) },
  { name: 'GET /admin/orders with nonsense', call: () => ({ path: '/admin/orders?limit=x&status=canary' }) },
  { name: 'GET an unknown admin route', call: () => ({ path: '/admin/absent' }) },
  { name: 'DELETE /admin/drops/:id', call: (id) => ({ method: 'DELETE', path: `/admin/drops/${id}` }) },
];

/** Credentials sent instead of the operator token. */
const credentials: readonly { name: string; headers: (token: string) => Record<string, string> }[] = [
  { name: 'nothing', headers: () => ({}) },
  { name: 'a wrong token', headers: () => ({ Authorization: 'Bearer wrong' }) },
  { name: 'a truncated token', headers: (token) => ({ Authorization: `Bearer ${token.slice(0, -1)}` }) },
  { name: 'a longer token', headers: (token) => ({ Authorization: `Bearer ${token}x` }) },
  { name: 'the token in capitals', headers: (token) => ({ Authorization: `Bearer ${token.toUpperCase()}` }) },
  { name: 'an empty token', headers: () => ({ Authorization: 'Bearer ' }) },
  { name: 'the token without Bearer', headers: (token) => ({ Authorization: token }) },
  {
    name: 'the token by Basic',
    headers: (token) => ({ Authorization: `Basic ${Buffer.from(`admin:${token}`).toString('base64')}` }),
  },
  { name: 'the token as a cookie', headers: (token) => ({ Cookie: `token=${token}; ADMIN_TOKEN=${token}` }) },
];

describe.each(runtimes)('admin access on %s', (runtime) => {
  const shop = useServer(runtime);

  describe.each(routes)('$name', ({ call }) => {
    it.each(credentials)('is refused with $name', async ({ headers }) => {
      const drop = await shop.createDrop();
      const before = await shop.stateOf(drop.id);
      const drops = await shop.admin({ path: '/admin/drops' });
      const answer = await shop.send({ ...call(drop.id), headers: headers(shop.server.adminToken) });
      expectAnswer(answer, { status: 401, code: 'unauthorized', lacks: [drop.id, drop.slug] });
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/);
      expect(await shop.stateOf(drop.id)).toBe(before);
      expect((await shop.admin({ path: '/admin/drops' })).text).toBe(drops.text);
    });
  });

  it('rejects an order’s token on every admin route', async () => {
    const drop = await shop.createDrop();
    const { token } = await shop.buy(drop.id);
    const before = await shop.stateOf(drop.id);
    for (const { name, call } of routes) {
      const answer = await shop.send({ ...call(drop.id), token });
      expect([name, answer.status]).toEqual([name, 401]);
    }
    expect(await shop.stateOf(drop.id)).toBe(before);
  });

  it('refuses alike on one route, byte for byte', async () => {
    const texts = new Set<string>();
    for (const { headers } of credentials) {
      const answer = await shop.send({ path: '/admin/drops', headers: headers(shop.server.adminToken) });
      texts.add(answer.text);
    }
    expect(texts.size).toBe(1);
  });
});
