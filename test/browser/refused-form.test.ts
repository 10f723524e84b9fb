/** Rejected forms in a real browser: input is kept, and no waiting tab resends a form. */
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AdminDrop } from '../support/shapes.ts';
import { isoFromNow, purchaseCall, type Shop, unique } from '../support/shop.ts';
import { useBrowsedShop } from './browsed-shop.ts';
import { hasNoChromium, launchWithoutCookies, withPatience } from './chromium.ts';
import { browsedRuntimes, openContext } from './visits.ts';

const unitsOf = async (shop: Shop, drop: AdminDrop) =>
  (await shop.drop(drop.id)).items.map(({ held, sold }) => held + sold);

describe.skipIf(hasNoChromium).each(browsedRuntimes)('a refused form on %s', (runtime) => {
  const { shop, browser } = useBrowsedShop(runtime);

  const browsers: readonly [string, () => Promise<BrowserContext>][] = [
    ['with cookies', async () => withPatience(await browser().newContext())],
    ['without cookies', () => launchWithoutCookies()],
  ];
  /** Fills the form of a live drop, and submits it once the operator has postponed the start. */
  async function sendTooEarly(page: Page, drop: AdminDrop, email: string): Promise<void> {
    // The page must not receive the change before the form is submitted.
    await page.route('**/stock', (route) => route.abort());
    await page.goto(`${shop.server.url}/d/${drop.slug}`);
    await page.check('input[name=sku]');
    await page.fill('#email', email);
    await page.fill('#name', 'Ada Lovelace');
    await shop.patchDrop(drop.id, { startsAt: isoFromNow(4_000) });
    await page.click('form[data-buy] button');
    await page.waitForSelector('[role=alert]');
  }

  test.each(browsers)('waits for the drop and orders nothing by itself: %s', async (_, openBrowser) => {
    const context = await openBrowser();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const posts: string[] = [];
    const drop = await shop.createDrop();
    const email = `buyer-${unique()}@canary.example`;
    await sendTooEarly(page, drop, email);
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(request.url());
    });
    expect(await page.textContent('[role=alert]')).toContain('not opened yet');
    // A page that resends its form shows an order instead of a form.
    await expect.poll(async () => [posts, await page.locator('#email').count()]).toEqual([[], 1]);
    expect(await page.textContent('.phase')).toBe('On sale now');
    expect([posts, await unitsOf(shop, drop)]).toEqual([[], [0]]);
    // The buyer's own click submits it.
    if ((await page.inputValue('#email')) === '') await page.fill('#email', email);
    await page.check('input[name=sku]');
    await page.click('form[data-buy] button');
    await expect.poll(() => page.locator('[role=status]').textContent()).toContain('Reserved for you');
    expect(await unitsOf(shop, drop)).toEqual([1]);
  });

  test.each(browsers)('keeps the input: %s', async (_, openBrowser) => {
    const context = await openBrowser();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const drop = await shop.createDrop({ perCustomer: 1 });
    const email = `buyer-${unique()}@canary.example`;
    await shop.buy(drop.id, { customer: { email } });
    await page.goto(`${shop.server.url}/d/${drop.slug}`);
    await page.check('input[name=sku]');
    await page.fill('#email', email);
    await page.fill('#name', 'Ada Lovelace');
    await page.click('form[data-buy] button');
    await page.waitForSelector('[role=alert]');
    expect(await page.textContent('[role=alert]')).toContain('limit per customer');
    expect([await page.inputValue('#email'), await page.inputValue('#name')]).toEqual([
      email,
      'Ada Lovelace',
    ]);
    expect(page.url()).not.toContain('canary');
  });

  test.each(browsers)('keeps the input until units are free again: %s', async (_, openBrowser) => {
    const context = await openBrowser();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock: 1 }] });
    await page.route('**/stock', (route) => route.abort());
    await page.goto(`${shop.server.url}/d/${drop.slug}`);
    await page.fill('#email', 'ada@canary.example');
    await page.fill('#name', 'Ada Lovelace');
    const purchase = await shop.buy(drop.id);
    await page.unroute('**/stock');
    await page.click('form[data-buy] button');
    await page.waitForSelector('[role=alert]');
    expect(await page.textContent('[role=alert]')).toContain('keep this page open');
    await shop.cancel(purchase);
    await page.waitForSelector('#email');
    expect([
      await page.inputValue('#email'),
      await page.inputValue('#name'),
      await page.isChecked('input[name=sku]'),
      await page.locator('[role=alert]').count(),
    ]).toEqual(['ada@canary.example', 'Ada Lovelace', true, 0]);
  });

  test('the badge says sold out when everything is gone, and the form comes back with the stock', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock: 1 }] });
    const page = await (await openContext(browser())).newPage();
    await page.goto(`${shop.server.url}/d/${drop.slug}`);
    await page.fill('#email', 'ada@canary.example');
    const purchase = await shop.buy(drop.id);
    await expect.poll(() => page.textContent('.phase')).toBe('Sold out');
    expect(await page.inputValue('#email')).toBe('ada@canary.example');
    await shop.cancel(purchase);
    await expect.poll(() => page.textContent('.phase')).toBe('On sale now');
  });
});

describe.skipIf(hasNoChromium).each(browsedRuntimes)(
  'a network with too many unpaid units on %s',
  (runtime) => {
    const { shop, browser } = useBrowsedShop(runtime, { RATE_LIMIT: 'on', ADDRESS_UNITS_MAX: '1' });

    test.each([
      ['en', 'waiting for payment'],
      ['de', 'noch nicht bezahlt'],
    ])('sees why, keeps what was typed and buys once one is paid: %s', async (locale, words) => {
      const extraHTTPHeaders = { 'cf-connecting-ip': '203.0.113.9' };
      const context = withPatience(await browser().newContext({ locale, extraHTTPHeaders }));
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const drop = await shop.createDrop();
      const headers = extraHTTPHeaders;
      const first = await shop.send({ ...purchaseCall(drop.id), headers });
      await page.goto(`${shop.server.url}/d/${drop.slug}`);
      await page.check('input[name=sku]');
      await page.fill('#email', 'ada@canary.example');
      await page.click('form[data-buy] button');
      await page.waitForSelector('[role=alert]');
      expect(await page.textContent('[role=alert]')).toContain(words);
      expect([await page.inputValue('#email'), await unitsOf(shop, drop)]).toEqual([
        'ada@canary.example',
        [1],
      ]);
      await shop.pay(JSON.parse(first.text));
      await page.click('form[data-buy] button');
      await page.waitForURL('**/o/*');
      expect(await unitsOf(shop, drop)).toEqual([2]);
    });
  },
);
