/** The order page in a real browser: opened by its link anywhere, also without cookies or script, and true to the order's state. */
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
import type { Purchase } from '../support/shapes.ts';
import { payPath, unique } from '../support/shop.ts';
import { useBrowsedShop } from './browsed-shop.ts';
import { hasNoChromium, launchWithoutCookies } from './chromium.ts';
import { expectAccessible, openContext } from './visits.ts';

describe.skipIf(hasNoChromium).each(runtimes)('the order page on %s', (runtime) => {
  const { shop, browser } = useBrowsedShop(runtime);

  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await (await openContext(browser(), options)).newPage();
    await page.goto(`${shop.server.url}${path}`);
    return page;
  };
  const buy = async (changes = {}): Promise<Purchase> => shop.buy((await shop.createDrop(changes)).id);
  const linkOf = ({ order, token }: Purchase): string => `/o/${order.id}#${token}`;
  const statusOf = (page: Page) => page.locator('[role=status]').textContent();
  const cookieless = async (): Promise<BrowserContext> => {
    const context = await launchWithoutCookies();
    onTestFinished(() => context.close());
    return context;
  };

  test('opens by its link in any browser, and the token leaves the address bar', async () => {
    const purchase = await buy();
    const page = await open(linkOf(purchase));
    await expect.poll(() => statusOf(page)).toContain('Reserved for you');
    expect(page.url()).toBe(`${shop.server.url}/o/${purchase.order.id}`);
    expect(await page.textContent('dl')).toContain(purchase.order.number);
    await page.reload();
    expect(await statusOf(page)).toContain('Reserved for you');
    await page.getByRole('link', { name: 'Pay now' }).click();
    expect(await page.textContent('dl')).toContain(purchase.order.number);
  });

  test('opens by a pasted link or code without script, and refuses a wrong one', async () => {
    const purchase = await buy();
    const page = await open(`/o/${purchase.order.id}`, { javaScriptEnabled: false });
    await expectAccessible(await open(`/o/${purchase.order.id}`));
    await page.fill('#token', `${purchase.token.slice(0, -1)}!`);
    await page.click('main form button');
    expect(await page.textContent('[role=alert]')).toContain('does not belong');
    await page.fill('#token', `  https://shop.example${linkOf(purchase)}\n`);
    await page.click('main form button');
    expect(await statusOf(page)).toContain('Reserved for you');
    const other = await open(`/o/${purchase.order.id}`, { javaScriptEnabled: false });
    await other.fill('#token', purchase.token);
    await other.click('main form button');
    await other.getByRole('button', { name: 'Cancel order' }).click();
    expect(await statusOf(other)).toContain('reservation has ended');
  });

  test('a buyer whose browser refuses cookies buys, pays and cancels', async () => {
    const drop = await shop.createDrop();
    const context = await cookieless();
    const page = await context.newPage();
    await page.goto(`${shop.server.url}/d/${drop.slug}`);
    await page.fill('#email', `buyer-${unique()}@canary.example`);
    await page.check('input[name=sku]');
    await page.click('form[data-buy] button');
    await expect.poll(() => statusOf(page)).toContain('Reserved for you');
    expect([new URL(page.url()).hash, await context.cookies()]).toEqual(['', []]);
    await page.reload();
    await expect.poll(() => statusOf(page)).toContain('Reserved for you');
    const pay = await page.getByRole('link', { name: 'Pay now' }).getAttribute('href');
    await page.getByRole('button', { name: 'Cancel order' }).click();
    await expect.poll(() => statusOf(page)).toContain('reservation has ended');
    expect(pay).toMatch(/^\/pay\/ord_/);
  });

  test('without cookies and without script the form shows the order itself', async () => {
    const purchase = await buy();
    const context = await launchWithoutCookies({ javaScriptEnabled: false });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${shop.server.url}/o/${purchase.order.id}`);
    await page.fill('#token', purchase.token);
    await page.click('main form button');
    expect(await statusOf(page)).toContain('Reserved for you');
    await page.getByRole('link', { name: 'Pay now' }).click();
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    expect(await page.textContent('h1')).toBe('Your order');
    await expect.poll(async () => (await shop.order(purchase)).order.status).toBe('paid');
  });

  test('follows a payment that is made, or declined, in another tab', async () => {
    const purchase = await buy();
    const page = await open(linkOf(purchase));
    await expect.poll(() => statusOf(page)).toContain('Reserved for you');
    await shop.send({ method: 'POST', path: payPath(purchase), json: { outcome: 'declined' } });
    await expect.poll(() => statusOf(page)).toBe('Payment declined. Try another card or payment method.');
    expect(await page.getByRole('link', { name: 'Pay now' }).count()).toBe(1);
    await shop.pay(purchase);
    await expect.poll(() => statusOf(page)).toContain('Paid.');
    expect(await page.getByRole('link', { name: 'Pay now' }).count()).toBe(0);
  });

  test('tells a return after paying from a return after giving up', async () => {
    const purchase = await buy();
    const page = await open(linkOf(purchase));
    await expect.poll(() => statusOf(page)).toContain('Reserved for you');
    await page.goto(`${shop.server.url}/o/${purchase.order.id}?from=cancelled`);
    expect(await statusOf(page)).toMatch(/You cancelled the payment\. Nothing was charged.*kept until .*UTC/);
    await page.goto(`${shop.server.url}/o/${purchase.order.id}?from=paid`);
    expect(await statusOf(page)).toContain('waiting for the confirmation');
    await shop.pay(purchase);
    await expect.poll(() => statusOf(page)).toContain('Paid.');
  });

  test('says when the reservation ends', async () => {
    const page = await open(linkOf(await buy({ holdSeconds: 2 })));
    await expect.poll(() => statusOf(page)).toContain('reservation has ended');
    expect(await page.getByRole('link', { name: 'Pay now' }).count()).toBe(0);
  });
});
