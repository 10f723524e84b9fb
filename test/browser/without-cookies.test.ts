/** A buyer without cookies keeps the order, with and without script, from form to payment. */
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { unique } from '../support/shop.ts';
import { useBrowsedShop } from './browsed-shop.ts';
import { hasNoChromium, launchWithoutCookies } from './chromium.ts';
import { browsedRuntimes, expectAccessible } from './visits.ts';

describe.skipIf(hasNoChromium).each(browsedRuntimes)('without cookies on %s', (runtime) => {
  const { shop } = useBrowsedShop(runtime);
  const statusOf = (page: Page) => page.locator('[role=status]').textContent();
  const browse = async (javaScriptEnabled: boolean): Promise<BrowserContext> => {
    const context = await launchWithoutCookies({ javaScriptEnabled, viewport: { width: 375, height: 740 } });
    onTestFinished(() => context.close());
    return context;
  };
  /** Submits the form of a new drop; resolves to the order's page and the link on it. */
  const reserve = async (context: BrowserContext): Promise<{ page: Page; link: string }> => {
    const drop = await shop.createDrop();
    const page = await context.newPage();
    await page.goto(`${shop.server.url}/d/${drop.slug}`);
    await page.fill('#email', `buyer-${unique()}@canary.example`);
    await page.check('input[name=sku]');
    await page.click('form[data-buy] button');
    await expect.poll(() => statusOf(page)).toContain('Reserved for you');
    const link = await page.locator('a.own').getAttribute('href');
    return { page, link: `${shop.server.url}${link}` };
  };
  /** Follows "Pay now", which keeps the order's tab open, and pays or declines there. */
  const payIn = async (page: Page, button: string): Promise<Page> => {
    const opened = page.context().waitForEvent('page');
    await page.getByRole('link', { name: 'Pay now' }).click();
    const paying = await opened;
    await paying.getByRole('button', { name: button, exact: true }).click();
    await paying.waitForURL('**/o/ord_*');
    return paying;
  };

  test.each([
    ['with script', true],
    ['without script', false],
  ])('the form is answered by the order and the link to come back by: %s', async (_, hasScript) => {
    const context = await browse(hasScript);
    const { page, link } = await reserve(context);
    expect(new URL(link)).toMatchObject({
      pathname: expect.stringMatching(/^\/o\/ord_[\w-]{22}$/),
      hash: expect.stringMatching(/^#[\w-]{22}$/),
    });
    expect([new URL(page.url()).hash, await context.cookies()]).toEqual(['', []]);
    if (!hasScript) return;
    await expectAccessible(page);
    expect(new URL(page.url()).pathname).toBe(new URL(link).pathname);
    await page.reload();
    await expect.poll(() => statusOf(page)).toContain('Reserved for you');
    const later = await context.newPage();
    await later.goto(link);
    await expect.poll(() => statusOf(later)).toContain('Reserved for you');
  });

  test('a payment’s outcome is shown on return, and in the original tab', async () => {
    const { page } = await reserve(await browse(true));
    const declined = await payIn(page, 'Decline the payment');
    await expect.poll(() => statusOf(declined)).toContain('Payment declined');
    const paid = await payIn(declined, 'Pay');
    await expect.poll(() => statusOf(paid)).toContain('Paid.');
    expect(new URL(paid.url()).hash).toBe('');
    await expect.poll(() => statusOf(page), { timeout: 15_000 }).toContain('Paid.');
  });

  test('without script the return shows the payment’s outcome, and where the link is', async () => {
    const { page, link } = await reserve(await browse(false));
    const declined = await payIn(page, 'Decline the payment');
    expect(await declined.textContent('main')).toMatch(/payment was declined[\s\S]*address of this page/);
    expect(declined.url()).toContain(new URL(link).hash);
    await declined.fill('#token', declined.url());
    await declined.click('main form button');
    expect(await statusOf(declined)).toContain('Payment declined');
  });

  test.each([
    ['with script', true],
    ['without script', false],
  ])('cancelling is answered by the order: %s', async (_, hasScript) => {
    const { page } = await reserve(await browse(hasScript));
    await page.getByRole('button', { name: 'Cancel order' }).click();
    await expect.poll(() => statusOf(page)).toContain('You cancelled this order');
    if (!hasScript) return;
    await page.reload();
    await expect.poll(() => statusOf(page)).toContain('You cancelled this order');
  });
});
