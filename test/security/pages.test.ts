/**
 * Every page's security headers, and their effect in a browser: no inline code, no other origin, no
 * frame, no cache.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasNoChromium, launchChromium, withPatience } from '../browser/chromium.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { signedIn } from '../support/dashboard-visitor.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { payPath } from '../support/shop.ts';

const attack = `<script>window.attacked=1</script><img src=x onerror="window.attacked=2">`;
const quoted = `"><svg onload=window.attacked=3>' onfocus=window.attacked=4 autofocus x='`;
const openPages = ['/', '/docs', '/problems', '/problems/sold_out', '/admin/sign-in'];
const operatorPages = ['', '/ui/new-drop', '/ui/orders', '/ui/refunds', '/ui/webhooks', '/ui/customers'].map(
  (path) => `/admin${path}`,
);

/** Expects a page of the server with its policy, not cached, and with a same-origin referrer. */
function expectGuarded(path: string, status: number, headers: Headers, isHttps: boolean): void {
  const policy = headers.get('content-security-policy') ?? '';
  const what = `${path} ${status}`;
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "base-uri 'none'",
  ])
    expect(policy.split('; '), what).toContain(rule);
  expect(policy, what).not.toMatch(/unsafe|\*|http:/);
  expect(headers.get('x-content-type-options'), what).toBe('nosniff');
  expect(headers.get('referrer-policy'), what).toBe('same-origin');
  expect(headers.get('cache-control'), what).toBe('no-store');
  expect(headers.get('content-type'), what).toBe('text/html; charset=utf-8');
  expect(headers.get('strict-transport-security'), what).toBe(isHttps ? 'max-age=31536000' : null);
}

describe.each(runtimes)('pages on %s', (runtime) => {
  const shop = useServer(runtime);
  let drop: AdminDrop;
  let mine: Purchase;
  let browser: Browser;
  beforeAll(async () => {
    if (!hasNoChromium) browser = await launchChromium();
    drop = await shop.createDrop({
      title: attack,
      description: `${quoted}\n${attack}`,
      imageUrl: '/images/sample-sneaker.svg',
      items: [
        { sku: 'one', name: attack, price: 1250, stock: 50 },
        { sku: 'two', name: quoted, price: 1250, stock: 50 },
      ],
    });
    const customer = { email: 'attacker@example.com', name: attack, address: quoted };
    mine = await shop.buy(drop.id, { sku: 'one', customer });
  });
  afterAll(() => browser?.close());
  const dropPages = (): string[] => [`/d/${drop.slug}`, `/o/${mine.order.id}`, payPath(mine)];
  const operatedPages = (): string[] => [
    ...operatorPages,
    ...[
      `/admin/ui/drops/${drop.id}`,
      `/admin/ui/drops/${drop.id}/certificate`,
      `/admin/ui/orders/${mine.order.id}`,
    ],
    '/admin/ui/nothing',
  ];

  test('each has the policy, and is not cached', async () => {
    for (const path of [...openPages, ...dropPages()]) {
      const page = await fetch(shop.server.url + path, { redirect: 'manual' });
      const text = await page.text();
      expect(text, path).toContain('<!doctype html>');
      // The reference is the same for every visitor, and contains no request's text.
      expect(text.includes('<script>window') || text.includes('<svg onload'), path).toBe(false);
      expectGuarded(path, page.status, page.headers, false);
    }
    const operator = await signedIn(shop.server.url, shop.server.adminToken);
    for (const path of operatedPages()) {
      const { status, headers, text } = await operator.look(path);
      expectGuarded(path, status, headers, false);
      expect(text.includes('<script>window') || text.includes('<svg onload'), path).toBe(false);
    }
  });

  test('personal answers of the API are not cached either', async () => {
    const { adminToken } = shop.server;
    const asked: [string, string][] = [
      [`/orders/${mine.order.id}`, mine.token],
      ...['/admin/orders', `/admin/orders/${mine.order.id}`, `/admin/drops/${drop.id}/orders.csv`].map(
        (path) => [path, adminToken] as [string, string],
      ),
    ];
    for (const [path, token] of asked) {
      const { status, headers } = await shop.send({ path, token });
      expect([path, status, headers['cache-control']]).toEqual([path, 200, 'no-store']);
    }
  });

  test('cookies are HttpOnly and SameSite', async () => {
    const form = {
      method: 'POST',
      body: new URLSearchParams({ email: 'b@example.com', sku: 'one' }),
      redirect: 'manual',
    } as const;
    const bought = await fetch(`${shop.server.url}/d/${drop.slug}`, form);
    expect(bought.status).toBe(200);
    const cookies = bought.headers.getSetCookie();
    expect(cookies.map((cookie) => cookie.split('=')[0]).sort()).toEqual(['buy', 'open', 'order']);
    for (const cookie of cookies)
      expect(cookie).toMatch(/; Path=\/[do]\/[^;]+; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
  });

  describe.skipIf(hasNoChromium)('in a browser', () => {
    /** Opens each path; returns the browser's complaints, and any script that ran. */
    async function look(page: Page, paths: readonly string[]): Promise<string[]> {
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(`${page.url()} ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(`${page.url()} ${error.message}`));
      page.on('dialog', () => complaints.push(`${page.url()} a dialog`));
      page.on('request', (request) => {
        const isOurs = request.url().startsWith(shop.server.url) || request.url().startsWith('data:');
        if (!isOurs) complaints.push(`${page.url()} asks for ${request.url()}`);
      });
      for (const path of paths) {
        await page.goto(shop.server.url + path);
        if (await page.evaluate('"attacked" in window')) complaints.push(`${path}: a stranger’s script ran`);
      }
      return complaints;
    }

    test('no page violates its own policy, and no customer text runs as a script', async () => {
      const context = withPatience(await browser.newContext());
      const page = await context.newPage();
      const url = `${shop.server.url}/o/${mine.order.id}`;
      await context.addCookies([{ name: 'order', value: mine.token, url }]);
      const complaints = await look(page, [...openPages.slice(0, -1), ...dropPages()]);
      await page.goto(`${shop.server.url}/admin/sign-in`);
      await page.fill('#token', shop.server.adminToken);
      await page.keyboard.press('Enter');
      await page.waitForURL('**/admin');
      complaints.push(...(await look(page, operatedPages().slice(0, -1))));
      expect(complaints.filter((text) => !/favicon|\[DOM\]/.test(text))).toEqual([]);
      await context.close();
    });

    /** Opens a page with `more` injected into its document; optionally without its policy. */
    async function openChanged(more: string, isUnguarded: boolean): Promise<Page> {
      const page = await withPatience(await browser.newContext()).newPage();
      await page.route('**/*', async (route) => {
        // Live stock never ends, so its load cannot be awaited.
        if (route.request().resourceType() !== 'document') return route.continue();
        const answer = await route.fetch();
        const { 'content-security-policy': policy = '', ...headers } = answer.headers();
        return route.fulfill({
          status: answer.status(),
          headers: isUnguarded ? headers : { ...headers, 'content-security-policy': policy },
          body: (await answer.text()).replace('</body>', `${more}</body>`),
        });
      });
      return page;
    }

    // Without the policy the script runs, which proves that the test can fail.
    test.each([false, true])('injected script runs only without the policy: %s', async (isUnguarded) => {
      const page = await openChanged(attack, isUnguarded);
      for (const path of ['/', `/d/${drop.slug}`, payPath(mine), '/admin/sign-in']) {
        await page.goto(shop.server.url + path);
        expect(await page.content(), path).toContain('window.attacked=1');
        expect(await page.evaluate('"attacked" in window'), path).toBe(isUnguarded);
      }
      await page.close();
    });

    // Without the policy the pages are shown, which proves that the test can fail.
    test.each([false, true])(
      'no page can be framed by another site; without its policy: %s',
      async (isUnguarded) => {
        const page = isUnguarded
          ? await openChanged('', true)
          : await withPatience(await browser.newContext()).newPage();
        for (const path of ['/', `/d/${drop.slug}`, payPath(mine), '/admin/sign-in']) {
          await page.setContent(`<iframe src="${shop.server.url}${path}"></iframe>`);
          // A page's load event waits for its frames.
          await expect
            .poll(async () => (await page.frames()[1]?.$('main')) !== null, { message: path })
            .toBe(isUnguarded);
        }
        await page.close();
      },
    );
  });
});

describe.each(runtimes)('pages behind https on %s', (runtime) => {
  const shop = useServer(runtime, { PUBLIC_URL: 'https://shop.example' });

  test('send HSTS, and their cookies are Secure', async () => {
    const drop = await shop.createDrop();
    const { order } = await shop.buy(drop.id);
    for (const path of [...openPages, `/d/${drop.slug}`, `/o/${order.id}`, `/pay/${order.id}`]) {
      const page = await fetch(shop.server.url + path);
      expectGuarded(path, page.status, page.headers, true);
      for (const cookie of page.headers.getSetCookie()) expect(cookie, path).toMatch(/; Secure$/);
    }
    const operator = await signedIn(shop.server.url, shop.server.adminToken);
    for (const path of operatorPages) {
      const { status, headers } = await operator.look(path);
      expectGuarded(path, status, headers, true);
    }
  });
});
