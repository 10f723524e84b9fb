/** Forms are accepted from this server's pages only, by the headers that a browser sends. */
import { describe, expect, test } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { signedIn } from '../support/dashboard-visitor.ts';
import { payPath } from '../support/shop.ts';

type Headers = Record<string, string>;

describe.each(runtimes)('forms on %s', (runtime) => {
  const shop = useServer(runtime, { PUBLIC_URL: 'https://shop.example' });
  const host = (): string => new URL(shop.server.url).host;
  const post = async (path: string, form: Headers, headers: Headers): Promise<number> =>
    (await shop.send({ method: 'POST', path, form, headers })).status;
  const foreign = (): Headers[] => [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'https://shop.example' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://shop.example' },
    { origin: 'https://shop.example:8443' },
    { origin: 'https://shop.example.evil.example' },
    { origin: 'https://shop.example/' },
    { origin: `http://other@${host()}` },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ];
  const own = (): Headers[] => [
    { origin: 'https://shop.example' },
    { origin: `http://${host()}` },
    { origin: 'https://shop.example', 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ];
  const shown = (headers: Headers): string => JSON.stringify(headers);

  test('of another site do nothing, on buyer and operator routes', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    const { order, token } = purchase;
    const drop = await shop.createDrop();
    const operator = await signedIn(shop.server.url, shop.server.adminToken);
    const csrf = await operator.csrf();
    const session = { cookie: `session=${operator.cookies.get('session')}` };
    const before = [await shop.stateOf(drop.id), (await shop.order(purchase)).order.status];
    const forms: [path: string, form: Headers, headers: Headers][] = [
      [`/d/${drop.slug}`, { email: 'ann@shop.example', sku: 'one' }, {}],
      [`/o/${order.id}`, { token }, {}],
      [`/o/${order.id}/cancel`, { token }, {}],
      [`/o/${order.id}/cancel`, {}, { cookie: `order=${token}` }],
      ['/orders/find', { email: 'ann@shop.example' }, {}],
      [payPath(purchase), { outcome: 'declined' }, {}],
      ['/admin/sign-in', { token: shop.server.adminToken }, {}],
      ['/admin/sign-out', { csrf }, session],
      [`/admin/ui/drops/${drop.id}/pause`, { csrf }, session],
    ];
    for (const [path, form, headers] of forms)
      for (const site of foreign())
        expect([path, shown(site), await post(path, form, { ...headers, ...site })]).toEqual([
          path,
          shown(site),
          403,
        ]);
    // A request without form fields, which a script of another site can also send.
    const bare = { method: 'POST', path: `/o/${order.id}/cancel` };
    const cookie = `order=${token}`;
    expect((await shop.send({ ...bare, headers: { cookie, origin: 'https://evil.example' } })).status).toBe(
      403,
    );
    expect([await shop.stateOf(drop.id), (await shop.order(purchase)).order.status]).toEqual(before);
  });

  test('of its own pages work, by PUBLIC_URL and by the requested address', async () => {
    const drop = await shop.createDrop();
    const operator = await signedIn(shop.server.url, shop.server.adminToken);
    const session = { cookie: `session=${operator.cookies.get('session')}` };
    const csrf = await operator.csrf();
    for (const site of own()) {
      const { order, token } = await shop.buy(drop.id);
      const cancel = await post(`/o/${order.id}/cancel`, {}, { cookie: `order=${token}`, ...site });
      const pause = await post(`/admin/ui/drops/${drop.id}/pause`, { csrf }, { ...session, ...site });
      const resume = await post(`/admin/ui/drops/${drop.id}/resume`, { csrf }, { ...session, ...site });
      expect([shown(site), cancel, pause, resume]).toEqual([shown(site), 303, 303, 303]);
    }
  });

  test('without origin headers act by the token in them, and never by a cookie alone', async () => {
    const drop = await shop.createDrop();
    const purchase = await shop.buy(drop.id);
    const { order, token } = purchase;
    const path = `/o/${order.id}/cancel`;
    const cookie = `order=${token}`;
    expect(await post(path, {}, { cookie })).toBe(403);
    expect(await post(path, { token: 'A'.repeat(22) }, { cookie })).toBe(403);
    expect((await shop.order(purchase)).order.status).toBe('held');
    const operator = await signedIn(shop.server.url, shop.server.adminToken);
    const pause = `/admin/ui/drops/${drop.id}/pause`;
    expect((await operator.sendForm(pause, {})).status).toBe(403);
    expect((await operator.submit(pause)).status).toBe(303);
    expect(await post(path, { token }, { cookie })).toBe(200);
    expect((await shop.order(purchase)).order.status).toBe('released');
  });
});
