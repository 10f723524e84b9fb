/** Dashboard sessions: sign-in, expiry, and no use of a session by another site. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FAILED_LOGINS_MAX } from '../../src/domain/client-limits.ts';
import { createIds } from '../../src/ids/ids.ts';
import { BODY_BYTES_MAX, DASHBOARD_FORM_BYTES_MAX, SESSION_SECONDS } from '../../src/limits.ts';
import { machines, onlyOnMachines, runtimes, useServer } from '../support/contract-server.ts';
import { expectPage, signedIn, Visitor } from '../support/dashboard-visitor.ts';
import { addOperator, runCommand } from '../support/operator-command.ts';
import { burst, refusedAfter } from '../support/spent-quota.ts';

describe.each(runtimes)('sessions on %s', (runtime) => {
  const testOnMachine = onlyOnMachines(runtime);
  const shop = useServer(runtime);
  const visitor = () => new Visitor(shop.server.url);
  const chief = () => signedIn(shop.server.url, shop.server.adminToken);
  const hash = (token: string) => createHash('sha256').update(token).digest('base64url');
  /** A cookie as the server seals it. */
  const sealed = (token: string, endsAt: number, secretKey = shop.server.secretKey): string => {
    const content = `${hash(token)}.${Math.floor(endsAt / 1000)}`;
    return `${content}.${createIds(secretKey).seal('session', content)}`;
  };
  const landingOf = async (session: string): Promise<number> => {
    const someone = visitor();
    someone.cookies.set('session', session);
    const [page, answer] = [await someone.look('/admin'), await someone.look('/admin/drops')];
    // The page and the API authenticate alike.
    expect([page.status, answer.status]).toEqual(page.status === 200 ? [200, 200] : [303, 401]);
    return page.status;
  };

  test('without a session every page redirects to the sign-in and back', async () => {
    const someone = visitor();
    expect((await someone.look('/admin')).location).toBe('/admin/sign-in');
    const { location } = await someone.look('/admin/ui/orders?status=paid');
    expect(location).toBe('/admin/sign-in?to=%2Fadmin%2Fui%2Forders%3Fstatus%3Dpaid');
    expectPage(await someone.look(location ?? ''));
    const { adminToken: token } = shop.server;
    const entered = await someone.sendForm('/admin/sign-in', { token, to: '/admin/ui/orders?status=paid' });
    expect([entered.status, entered.location]).toEqual([303, '/admin/ui/orders?status=paid']);
    expectPage(await someone.look('/admin/ui/orders?status=paid'));
  });

  describe('an address of the API that a browser opens', () => {
    test.each([
      ['/admin/orders/ord_x', '/admin/ui/orders/ord_x'],
      ['/admin/orders?status=paid', '/admin/ui/orders?status=paid'],
      ['/admin/refunds', '/admin/ui/refunds'],
      ['/admin/drops', '/admin'],
      ['/admin/drops/spring', '/admin/ui/drops/spring'],
      ['/admin/drops/new', '/admin/ui/drops/new'],
      ['/admin/drops/spring/audit', '/admin/ui/drops/spring/certificate'],
      ['/admin/subscribers', '/admin/ui/webhooks'],
    ])('leads from %s to %s', async (api, page) => {
      expect(await visitor().open(api)).toMatchObject({ status: 303, location: page });
      expect(await visitor().look(api)).toMatchObject({ status: 401, location: null });
      const withToken = await visitor().open(api, { authorization: 'Bearer unknown' });
      expect(withToken).toMatchObject({ status: 401, location: null });
      // A program that accepts HTML, as Java's does, opens nothing.
      expect(await visitor().look(api, { accept: 'text/html, */*;q=0.2' })).toMatchObject({ status: 401 });
    });

    test.each(['/admin/orders?email=ada@example.com', '/admin/drops?phase=ended'])(
      'leads to no page that shows something else: %s',
      async (api) => {
        const location = `/admin/sign-in?${new URLSearchParams({ to: api })}`;
        const redirect = await visitor().open(api);
        expect(redirect).toMatchObject({ status: 303, location });
        // A header of the refusal that the redirect replaces.
        expect(redirect.headers.get('www-authenticate')).toBeNull();
        const { adminToken: token } = shop.server;
        const entered = await visitor().sendForm('/admin/sign-in', { token, to: api });
        expect(entered.location).toBe(api);
      },
    );

    test('from another site’s link it is reloaded, with the cookie', async () => {
      const someone = await chief();
      const { location } = await visitor().open('/admin/orders/ord_x');
      const asked = await visitor().open('/admin/sign-in?to=/admin/ui/orders/ord_x', {
        'sec-fetch-site': 'cross-site',
      });
      expect([location, asked.status]).toEqual(['/admin/ui/orders/ord_x', 200]);
      const [, again = ''] = /^0; url=(.+)$/.exec(asked.headers.get('refresh') ?? '') ?? [];
      expect((await someone.open(again)).location).toBe('/admin/ui/orders/ord_x');
      expect((await visitor().open(again)).text).toContain('Operator token');
    });

    test('leads to the sign-in and back where it has no page', async () => {
      const { slug } = await shop.createDrop();
      const csv = `/admin/drops/${slug}/orders.csv`;
      const someone = visitor();
      const { status, location } = await someone.open(csv);
      expect([status, location]).toEqual([303, `/admin/sign-in?to=${encodeURIComponent(csv)}`]);
      const asked = await someone.open(location ?? '');
      expectPage(asked);
      expect(asked.text).toContain('This page is for operators. Sign in to see it.');
      expect((await someone.open('/admin/sign-in')).text).not.toContain('This page is for operators');
      const { adminToken: token } = shop.server;
      expect((await someone.sendForm('/admin/sign-in', { token, to: csv })).location).toBe(csv);
      const answer = await someone.open(csv);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('text/csv'),
      ]);
    });
  });

  test.each([
    ...['https://evil.example/', '//evil.example', '/admin/ui/../../d/x\\', '/d/somewhere'],
    ...['/admin/..//evil.example', '/admin/%2e%2e//evil.example', `/admin/${'x'.repeat(2_000)}`],
  ])('the sign-in never redirects to %s', async (to) => {
    const { adminToken: token } = shop.server;
    expect((await visitor().sendForm('/admin/sign-in', { token, to })).location).toBe('/admin');
  });

  test('only forms with a session may be as large as a whole drop', async () => {
    const filler = 'x'.repeat(BODY_BYTES_MAX);
    const { adminToken: token } = shop.server;
    expect((await visitor().sendForm('/admin/sign-in', { token, filler })).status).toBe(413);
    expect((await visitor().sendForm('/admin/ui/customers', { filler })).location).toBe('/admin/sign-in');
    const someone = await chief();
    expectPage(await someone.submit('/admin/ui/orders', { filler }));
    const tooMuch = 'x'.repeat(DASHBOARD_FORM_BYTES_MAX);
    expect((await someone.submit('/admin/ui/orders', { filler: tooMuch })).status).toBe(413);
  });

  test('a wrong token signs in nowhere and is not repeated', async () => {
    const someone = visitor();
    for (const token of ['wrong-canary-token', '', `${shop.server.adminToken}x`]) {
      const page = await someone.signIn(token);
      expectPage(page, 401);
      expect(page.text).toContain('Invalid or revoked token.');
      expect(page.text).not.toContain('canary');
    }
    expect(someone.cookies.size).toBe(0);
  });

  test('the cookie is same-site and HttpOnly, and expires after 12 hours', async () => {
    const page = await visitor().signIn(shop.server.adminToken);
    const [cookie] = page.headers.getSetCookie();
    expect(cookie).toMatch(
      new RegExp(`^session=[\\w.-]+; Path=/admin; Max-Age=${SESSION_SECONDS}; HttpOnly; SameSite=Strict$`),
    );
    expect(cookie).not.toContain(shop.server.adminToken);
  });

  test('a session is valid until it expires, and only with its seal', async () => {
    const token = shop.server.adminToken;
    const [soon, ago] = [Date.now() + 60_000, Date.now() - 1_000];
    expect(await landingOf(sealed(token, soon))).toBe(200);
    expect(await landingOf(sealed(token, ago))).toBe(303);
    expect(await landingOf(sealed(token, soon, 'another-secret-key-0123456789abcdef'))).toBe(303);
    expect(await landingOf(sealed('a token of nobody', soon))).toBe(303);
    const good = sealed(token, soon);
    const longer = good.replace(/\.\d+\./, `.${Math.floor(soon / 1000) + 3600}.`);
    const foreign = good.replace(/^[^.]+/, hash('a token of nobody'));
    for (const forged of [longer, foreign, good.slice(0, -1), `${good}A`, '', 'a.b.c'])
      expect(await landingOf(forged)).toBe(303);
  });

  test('signing out ends the session in this browser', async () => {
    const someone = await chief();
    expect((await someone.submit('/admin/sign-out')).location).toBe('/admin/sign-in');
    expect(someone.cookies.has('session')).toBe(false);
    expect((await someone.look('/admin')).status).toBe(303);
  });

  testOnMachine('a revocation takes effect at once', async () => {
    const { databaseFile, url } = shop.server;
    const { token, id } = addOperator(runtime, databaseFile, 'till', ['drops:read', 'customers:erase']);
    const till = await signedIn(url, token);
    expectPage(await till.look('/admin'));
    expect((await till.look('/admin')).text).toContain('operator:till');
    runCommand(runtime, 'operator', databaseFile, ['revoke', id]);
    expect((await till.look('/admin')).location).toBe('/admin/sign-in');
    expect((await till.look('/admin/drops')).status).toBe(401);
  });

  test('a form without the session’s CSRF token changes nothing', async () => {
    const drop = await shop.createDrop();
    const [mine, other] = [await chief(), await chief()];
    // Another session of the same operator, started in another second.
    other.cookies.set('session', sealed(shop.server.adminToken, Date.now() + 3_600_000));
    const foreign = await other.csrf();
    const own = await mine.csrf();
    expect(foreign).not.toBe(own);
    const before = await shop.stateOf(drop.id);
    const path = `/admin/ui/drops/${drop.id}/pause`;
    for (const fields of [{}, { csrf: '' }, { csrf: foreign }, { csrf: own.slice(1) }] as Record<
      string,
      string
    >[]) {
      const refused = await mine.sendForm(path, fields);
      expect([refused.status, JSON.parse(refused.text).code]).toEqual([403, 'forbidden']);
    }
    const crossSite = await mine.sendForm(path, { csrf: own }, { 'sec-fetch-site': 'cross-site' });
    expect(crossSite.status).toBe(403);
    expect((await mine.sendForm('/admin/sign-out', {})).status).toBe(403);
    expect(await shop.stateOf(drop.id)).toBe(before);
    expect((await mine.sendForm(path, { csrf: own })).location).toBe(
      `/admin/ui/drops/${drop.id}?done=paused`,
    );
  });

  test('the API accepts the session for reads, and for changes only with its CSRF token', async () => {
    const drop = await shop.createDrop();
    const someone = await chief();
    const cookie = `session=${someone.cookies.get('session')}`;
    const change = { method: 'PATCH', path: `/admin/drops/${drop.id}`, json: { paused: true } };
    const statusWith = async (headers: Record<string, string>) =>
      (await shop.send({ ...change, headers })).status;
    expect((await shop.send({ path: '/admin/drops', headers: { cookie } })).status).toBe(200);
    expect(await statusWith({ cookie })).toBe(403);
    expect(await statusWith({ cookie, 'x-csrf-token': 'wrong' })).toBe(403);
    // A bearer token takes precedence over the session cookie.
    expect(await statusWith({ cookie, authorization: 'Bearer wrong' })).toBe(401);
    expect(await statusWith({ cookie, 'x-csrf-token': await someone.csrf() })).toBe(200);
  });
});

describe.each(machines)('wrong tokens at the sign-in on %s', (runtime) => {
  const shop = useServer(runtime, { RATE_LIMIT: 'on', TRUSTED_PROXIES: '127.0.0.0/8' });
  const from = (address: string) => new Visitor(shop.server.url, { 'x-forwarded-for': address });

  test('count like those of the API, and delay no session', async () => {
    const { adminToken } = shop.server;
    const inside = from('192.0.2.7');
    expect((await inside.signIn(adminToken)).status).toBe(303);
    const guesser = from('192.0.2.7');
    const guess = () => guesser.signIn('wrong');
    for (let count = 0; count < FAILED_LOGINS_MAX; count += 1) expect((await guess()).status).toBe(401);
    const refused = await refusedAfter(() => burst(2 * FAILED_LOGINS_MAX, guess), guess);
    expectPage(refused, 429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await refusedAfter(
      () => burst(2 * FAILED_LOGINS_MAX, guess),
      () => guesser.look('/admin/drops', { authorization: 'Bearer wrong' }),
    );
    const right = { authorization: `Bearer ${adminToken}` };
    expect((await guesser.look('/admin/drops', right)).status).toBe(200);
    expect((await from('192.0.2.7').signIn(adminToken)).status).toBe(303);
    expectPage(await inside.look('/admin'));
    expect((await inside.look('/admin/drops')).status).toBe(200);
    expect((await from('192.0.2.8').signIn(adminToken)).status).toBe(303);
  });
});

describe('behind https', () => {
  const shop = useServer('node', { PUBLIC_URL: 'https://shop.example' });
  test('the cookie is sent over https only', async () => {
    const page = await new Visitor(shop.server.url).signIn(shop.server.adminToken);
    expect(page.headers.getSetCookie()[0]).toMatch(/; Secure$/);
  });
});
