/** An operator runs a whole drop in a real browser, while a buyer in another one buys from it. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { AdminDrop } from '../support/shapes.ts';
import { customer, unique } from '../support/shop.ts';
import { useBrowsedShop } from './browsed-shop.ts';
import { hasNoChromium } from './chromium.ts';
import { makeDrops, sendCrowd } from './crowded-drops.ts';
import { browsedRuntimes, expectAccessible, looksOn, openContext, takePicture } from './visits.ts';

describe.skipIf(hasNoChromium).each(browsedRuntimes)('the operator on %s', (runtime) => {
  const { shop, browser } = useBrowsedShop(runtime);

  const visit = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await (await openContext(browser(), options)).newPage();
    await page.goto(shop.server.url + path);
    return page;
  };
  /** Uses the keyboard only: the field already has the focus. */
  const signIn = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await visit('/admin', options);
    await page.locator('#token:focus').waitFor();
    await page.keyboard.type(shop.server.adminToken);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/admin');
    return page;
  };
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const expectNotice = async (page: Page, words: string): Promise<void> => {
    await page.getByRole('status').filter({ hasText: words }).waitFor();
  };
  /** The current figure in an item's row. */
  const count = (page: Page, sku: string, what: string) =>
    page.locator(`tr[data-sku="${sku}"] [data-count="${what}"]`).textContent();
  /** Buys a unit in the storefront, and pays if requested; resolves to the order's id. */
  const buy = async (slug: string, name: string, isPaid = true): Promise<string> => {
    const page = await visit(`/d/${slug}`);
    await page.getByText(name).click();
    await page.fill('#email', `buyer-${unique()}@canary.example`);
    await page.click('form[data-buy] button');
    await page.waitForURL('**/o/ord_*');
    const [orderId = ''] = /ord_[\w-]+/.exec(page.url()) ?? [];
    if (!isPaid) return orderId;
    await page.getByRole('link', { name: 'Pay now' }).click();
    await press(page, 'Pay');
    await page.waitForURL('**/o/ord_*');
    return orderId;
  };

  test.each([
    ['with script', true],
    ...(runtime === 'node' ? ([['without script', false]] as const) : []),
  ] as const)('runs a whole drop: %s', async (_, javaScriptEnabled) => {
    const page = await signIn({ javaScriptEnabled });
    const slug = `fern-${unique()}`;
    await page.getByRole('link', { name: 'New drop' }).first().click();
    await page.fill('#title', 'Fern Runner');
    await page.fill('#slug', slug);
    await page.fill('#currency', 'EUR');
    await page.fill('#startsAt', '2026-01-31T18:00:00');
    for (const [row, size] of ['41', '42'].entries()) {
      await page.fill(`[id="items.${row}.sku"]`, size);
      await page.fill(`[id="items.${row}.name"]`, `EU ${size}`);
      await page.fill(`[id="items.${row}.price"]`, row === 0 ? '129.999' : '129.90');
      await page.fill(`[id="items.${row}.stock"]`, '3');
    }
    await press(page, 'Create drop');
    // The error is at its field, and all other input is kept.
    const price = page.locator('[id="items.0.price"]');
    expect(await price.getAttribute('aria-invalid')).toBe('true');
    expect(await page.inputValue('#slug')).toBe(slug);
    await price.fill('129.90');
    await press(page, 'Create drop');
    await expectNotice(page, 'The drop was created.');
    expect(await page.textContent('.badge')).toBe('Draft');
    await press(page, 'Publish');
    await expectNotice(page, 'visible to buyers');
    expect(await page.textContent('.badge')).toBe('On sale');

    const shown = async () => {
      if (!javaScriptEnabled) await page.reload();
      return [
        await count(page, '42', 'available'),
        await count(page, '42', 'held'),
        await count(page, '42', 'sold'),
      ];
    };
    const [fulfilled, refunded] = [await buy(slug, 'EU 42'), await buy(slug, 'EU 42')];
    await buy(slug, 'EU 42', false);
    // With JavaScript the figures update without an action.
    await expect.poll(shown).toEqual(['0', '1', '2']);
    if (javaScriptEnabled) await page.locator('[data-plot="stock"] canvas').waitFor();

    await press(page, 'Pause');
    await expectNotice(page, 'Nothing sells');
    await press(page, 'Resume');
    await expectNotice(page, 'has resumed');
    await page.selectOption('#restock-sku', '42');
    await page.fill('#restock-quantity', '5');
    await press(page, 'Change stock');
    await expectNotice(page, 'Stock changed');
    expect(await count(page, '42', 'stock')).toBe('8');

    await page.getByRole('link', { name: 'Orders', exact: true }).last().click();
    await page.getByRole('link', { name: 'Paid', exact: true }).click();
    const orders = () => page.locator('table.list tbody tr');
    expect(await orders().count()).toBe(2);
    await orders().filter({ hasText: refunded }).getByRole('link').click();
    await page.check('#restock-no');
    await press(page, 'Refund');
    await expectNotice(page, 'on its way');
    await page.goto(`${shop.server.url}/admin/ui/orders/${fulfilled}`);
    await page.fill('#trackingCode', 'JD014600006789');
    await press(page, 'Mark as fulfilled');
    await expectNotice(page, 'fulfilled');
    expect(await page.textContent('main')).toContain('JD014600006789');

    await page.getByRole('link', { name: 'Fern Runner' }).click();
    expect([await count(page, '42', 'stock'), await count(page, '42', 'sold')]).toEqual(['7', '1']);
    await page.getByText('Close…').click();
    await press(page, 'End the drop now');
    await expectNotice(page, 'has ended');
    expect(await page.textContent('.badge')).toBe('Ended');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Orders as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${slug}-orders.csv`);
    await page.getByRole('link', { name: 'Certificate' }).click();
    expect(await page.textContent('.certificate .badge')).toBe('Clean');
    await page.emulateMedia({ media: 'print' });
    const isOnPaper = (text: string) => page.getByText(text, { exact: true }).first().isVisible();
    expect([await isOnPaper('Payments'), await isOnPaper('Sign out')]).toEqual([true, false]);
    await page.emulateMedia({ media: 'screen' });
    await press(page, 'Sign out');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${shop.server.url}/admin/ui/orders`);
    expect(page.url()).toContain('/admin/sign-in');
  });

  test('figures update live, and a reload keeps them', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock: 50 }] });
    const page = await signIn();
    await page.goto(`${shop.server.url}/admin?drop=${drop.id}`);
    const sold = async () => {
      await shop.buy(drop.id);
      return page.textContent('[data-plot="requests"] tbody');
    };
    await expect.poll(sold, { interval: 300 }).toMatch(/ok\d/);
    const left = () => page.textContent('[data-plot="stock"] td');
    await expect.poll(left).toMatch(/^[1-4]\d$/);
    await expect.poll(() => page.locator('.plot canvas').count()).toBeGreaterThan(3);
    const moments = () =>
      page.evaluate<number>(`JSON.parse(sessionStorage.getItem('stampede ${drop.id}') ?? '[]').length`);
    await page.reload();
    expect(await moments()).toBeGreaterThan(0);
    await page.locator('[data-plot="stock"] canvas').waitFor();
  });

  test('signing out in one tab redirects the other tab to the sign-in', async () => {
    await shop.createDrop();
    const page = await signIn();
    const other = await page.context().newPage();
    await other.goto(`${shop.server.url}/admin`);
    await press(other, 'Sign out');
    await page.waitForURL('**/admin/sign-in**');
  });

  let made: Promise<AdminDrop> | null = null;
  test.each(looksOn(runtime))('every page is accessible: %s', async (look, options) => {
    // The same drops in each colour scheme.
    made ??= makeDrops(shop);
    const drop = await made;
    const mine = await shop.buy(drop.id, { customer: customer({ name: 'Ada Lovelace' }), sku: 'eu-43' });
    await shop.pay(mine);
    const page = await visit('/admin', options);
    await expectAccessible(page);
    await page.fill('#token', 'wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await expectAccessible(page);
    await page.fill('#token', shop.server.adminToken);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/admin');

    const picture = async (name: string): Promise<void> => {
      // Fifty orders would make a picture of three screens.
      if (runtime === 'node') await takePicture(page, `admin-${name}-${look}`, name !== 'orders');
    };
    await page.goto(`${shop.server.url}/admin?drop=${drop.id}`);
    const buying = sendCrowd(shop, drop);
    await page.locator('.plot canvas').first().waitFor();
    if (process.env.PICTURES !== undefined) await page.waitForTimeout(13_000);
    await picture('overview');
    await buying;
    await expectAccessible(page);
    // Charts fit their boxes, also when redrawn for a new outcome.
    const widths = await page.evaluate<number[]>(
      `[...document.querySelectorAll('.plot .canvas')].map((box) => box.clientWidth - box.querySelector('.uplot').offsetWidth)`,
    );
    expect(widths.every((rest) => Math.abs(rest) <= 1)).toBe(true);
    for (const [name, path] of [
      ['new-drop', '/admin/ui/new-drop'],
      ['drop', `/admin/ui/drops/${drop.id}`],
      ['orders', `/admin/ui/orders?dropId=${drop.id}`],
      ['order', `/admin/ui/orders/${mine.order.id}`],
      ['refunds', '/admin/ui/refunds?status=sent'],
      ['webhooks', `/admin/ui/webhooks?dropId=${drop.id}`],
      ['certificate', `/admin/ui/drops/${drop.id}/certificate`],
      ['customers', '/admin/ui/customers'],
    ] as const) {
      await page.goto(shop.server.url + path);
      if (name === 'drop') {
        await page.getByText('Edit', { exact: true }).click();
        await expectAccessible(page);
        await page.reload();
        await page.locator('.plot canvas').first().waitFor();
      }
      await expectAccessible(page);
      if (['drop', 'orders', 'certificate'].includes(name) && look !== 'phone') await picture(name);
    }
    await page.fill('#email', 'ada@example.com');
    await page.fill('#again', 'another@example.com');
    await press(page, 'Delete permanently');
    await page.getByRole('alert').waitFor();
    await expectAccessible(page);
  });
});
