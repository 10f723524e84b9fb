/** The order page in a real browser: opened by link, with and without script, in every state. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Purchase } from '../support/shapes.ts';
import { payPath } from '../support/shop.ts';
import { useBrowsedShop } from './browsed-shop.ts';
import { hasNoChromium } from './chromium.ts';
import { browsedRuntimes, expectAccessible, openContext } from './visits.ts';

describe.skipIf(hasNoChromium).each(browsedRuntimes)('the order page on %s', (runtime) => {
  const { shop, browser } = useBrowsedShop(runtime);

  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await (await openContext(browser(), options)).newPage();
    await page.goto(`${shop.server.url}${path}`);
    return page;
  };
  const buy = async (changes = {}): Promise<Purchase> => shop.buy((await shop.createDrop(changes)).id);
  const linkOf = ({ order, token }: Purchase): string => `/o/${order.id}#${token}`;
  const statusOf = (page: Page) => page.locator('[role=status]').textContent();

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

  test('opens by a link that is pasted into its own tab, and the token leaves the address bar', async () => {
    const purchase = await buy();
    const page = await open(`/o/${purchase.order.id}`);
    await page.waitForSelector('form[data-open]');
    for (const _ of ['closed', 'already open']) {
      // As pasting the whole link into the address bar does: only the fragment changes.
      await page.evaluate(`location.assign('#${purchase.token}')`);
      await expect.poll(() => statusOf(page)).toContain('Reserved for you');
      await expect.poll(() => page.url()).toBe(`${shop.server.url}/o/${purchase.order.id}`);
    }
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

  test('distinguishes a return after paying from a return after cancelling', async () => {
    const purchase = await buy();
    const page = await open(linkOf(purchase));
    await expect.poll(() => statusOf(page)).toContain('Reserved for you');
    await page.goto(`${shop.server.url}/o/${purchase.order.id}?from=cancelled`);
    expect(await statusOf(page)).toMatch(/We have received no payment.*kept until .*UTC/);
    await page.goto(`${shop.server.url}/o/${purchase.order.id}?from=paid`);
    expect(await statusOf(page)).toContain('payment is not confirmed yet');
    await shop.pay(purchase);
    await expect.poll(() => statusOf(page)).toContain('Paid.');
  });

  test('says when the reservation ends', async () => {
    const page = await open(linkOf(await buy({ holdSeconds: 2 })));
    await expect.poll(() => statusOf(page)).toContain('reservation has ended');
    expect(await page.getByRole('link', { name: 'Pay now' }).count()).toBe(0);
  });
});
