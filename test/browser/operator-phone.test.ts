/** The operator's lists on a phone: each row is a card, and nothing scrolls sideways. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useOutsideMoney } from '../support/outside-money.ts';
import { refundFails } from '../support/stripe-movements.ts';
import { hasNoChromium, launchChromium } from './chromium.ts';
import { expectAccessible, openContext } from './visits.ts';

describe.skipIf(hasNoChromium)('the operator’s lists on a phone', () => {
  const { shop, stripe, sell, report } = useOutsideMoney('node');
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  test('are cards with a label for each value, and nothing scrolls sideways', async () => {
    const { purchase, payment } = await sell();
    const { id } = purchase.order;
    await shop.admin({ method: 'POST', path: `/admin/orders/${id}/refund`, json: {} });
    await shop.orderBecomes(purchase, 'refunded');
    const made = stripe.refunds.find((refund) => refund.payment_intent === payment.id);
    if (!made) throw new Error('Stripe has no refund.');
    await report(refundFails(stripe, made));

    const context = await openContext(browser, { viewport: { width: 390, height: 844 }, isMobile: true });
    const page = await context.newPage();
    await page.goto(`${shop.server.url}/admin`);
    await page.fill('#token', shop.server.adminToken);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/admin');
    for (const [path, name, value] of [
      ['/admin/ui/refunds', 'Attempts', '1'],
      ['/admin/ui/orders', 'Units', '1'],
      [`/admin/ui/orders/${id}`, 'Provider', 'stripe'],
    ] as const) {
      await page.goto(shop.server.url + path);
      await expectAccessible(page);
      const wider = await page.evaluate<number[]>(
        `[...document.querySelectorAll('.scroll')].map((box) => box.scrollWidth - box.clientWidth)`,
      );
      expect(wider.length, path).toBeGreaterThan(0);
      expect(Math.max(...wider), path).toBe(0);
      const cell = page.locator(`.cards td[data-label="${name}"]`).first();
      expect(await cell.textContent(), path).toBe(value);
      const shown = await page.evaluate<string>(
        `getComputedStyle(document.querySelector('.cards td[data-label="${name}"]'), '::before').content`,
      );
      expect(shown, path).toBe(`"${name}"`);
    }
    // The form that settles a refund stays within its card.
    await page.goto(`${shop.server.url}/admin/ui/refunds`);
    expect(await page.getByRole('button', { name: 'Settle by hand' }).isVisible()).toBe(true);
    if (process.env.PHONE_PICTURE) await page.screenshot({ path: process.env.PHONE_PICTURE, fullPage: true });
  });
});
