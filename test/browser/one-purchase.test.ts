/** One buyer in a real browser and axe on one page: a short check that the pages work. */
import { describe, expect, test } from 'vitest';
import { machines } from '../support/contract-server.ts';
import { unique } from '../support/shop.ts';
import { useBrowsedShop } from './browsed-shop.ts';
import { hasNoChromium } from './chromium.ts';
import { expectAccessible, openContext } from './visits.ts';

describe.skipIf(hasNoChromium).each(machines)('a buyer in a browser, on %s', (runtime) => {
  const { shop, browser } = useBrowsedShop(runtime);

  test('buys and pays, on a page without serious faults of accessibility', async () => {
    const drop = await shop.createDrop();
    const page = await (await openContext(browser())).newPage();
    await page.goto(`${shop.server.url}/d/${drop.slug}`);
    await expectAccessible(page);
    await page.fill('#email', `buyer-${unique()}@canary.example`);
    await page.click('form[data-buy] button');
    await page.waitForURL('**/o/ord_*');
    await page.getByRole('link', { name: 'Pay now' }).click();
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.waitForURL('**/o/ord_*');
    expect((await shop.drop(drop.id)).items).toMatchObject([{ held: 0, sold: 1 }]);
  });
});
