/** The API reference and the problem pages in a real browser, offline and under the policy. */
import { describe, expect, test } from 'vitest';
import { payPath } from '../support/shop.ts';
import { useBrowsedShop } from './browsed-shop.ts';
import { hasNoChromium } from './chromium.ts';
import { browsedRuntimes, expectAccessible, looksOn, openContext, takePicture } from './visits.ts';

describe.skipIf(hasNoChromium).each(browsedRuntimes)('the reference on %s', (runtime) => {
  const { shop, browser } = useBrowsedShop(runtime);

  test.each(looksOn(runtime))('is accessible (%s)', async (look, options) => {
    const { url } = shop.server;
    const page = await (await openContext(browser(), options)).newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    for (const [path, name] of [
      ['/docs', 'reference'],
      ['/problems', 'problems'],
      ['/problems/sold_out', 'problem'],
    ] as const) {
      await page.goto(url + path);
      await expectAccessible(page);
      if (look !== 'phone' && name === 'reference') await page.setViewportSize({ width: 1100, height: 1400 });
      if (name === 'reference') await takePicture(page, `${name}-${look}`);
    }
    // Every resource comes from the server itself.
    expect(new Set(asked)).toEqual(new Set([url]));
  });

  test('links from a refusal to its meaning, and back to the route', async () => {
    const page = await (await openContext(browser())).newPage();
    await page.goto(`${shop.server.url}/docs#purchase`);
    await page.locator('#purchase').getByRole('link', { name: 'sold_out' }).click();
    expect(await page.locator('h1').textContent()).toBe('sold_out');
    await page.getByRole('link', { name: 'POST /purchase' }).click();
    expect(page.url()).toContain('/docs#purchase');
    expect(await page.locator('#purchase pre').first().textContent()).toContain('"quantity": 1');
  });

  test.each(looksOn(runtime))('links to the accessible payment page (%s)', async (_, options) => {
    const mine = await shop.buy((await shop.createDrop()).id);
    const page = await (await openContext(browser(), options)).newPage();
    await page.goto(shop.server.url + payPath(mine));
    await expectAccessible(page);
  });
});
