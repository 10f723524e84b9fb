/** Buyers in a real browser: they find a drop, get a unit or a reason, pay, and see their order. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { earlyEnough } from '../support/early-enough.ts';
import type { AdminDrop } from '../support/shapes.ts';
import { isoFromNow, unique, until } from '../support/shop.ts';
import { useBrowsedShop } from './browsed-shop.ts';
import { hasNoChromium } from './chromium.ts';
import { browsedRuntimes, expectAccessible, looksOn, openContext, takePicture } from './visits.ts';

const sizes = [
  { sku: '41', name: 'EU 41', price: 12_900, stock: 3 },
  { sku: '42', name: 'EU 42', price: 12_900, stock: 5 },
];

describe.skipIf(hasNoChromium).each(browsedRuntimes)('the storefront on %s', (runtime) => {
  const { shop, browser } = useBrowsedShop(runtime);

  const newDrop = (changes = {}): Promise<AdminDrop> =>
    shop.createDrop({
      title: 'Fern Runner, first edition',
      description: 'A light road shoe in forest green. 140 pairs, made once.',
      imageUrl: '/images/sample-sneaker.svg',
      items: sizes,
      ...changes,
    });
  /** A page in a new browser, which must log no error. */
  const visit = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await (await openContext(browser(), options)).newPage();
    await page.goto(`${shop.server.url}${path}`);
    return page;
  };
  const someone = (): string => `buyer-${unique()}@canary.example`;
  const fill = async (page: Page, sku: string, email = someone()): Promise<void> => {
    await page.check(`input[value="${sku}"]`);
    await page.fill('#email', email);
  };
  const buy = async (page: Page, sku: string, email = someone()): Promise<void> => {
    await fill(page, sku, email);
    await page.click('form[data-buy] button');
  };
  const heldOf = async (drop: AdminDrop) =>
    (await shop.drop(drop.id)).items.reduce((sum, { held }) => sum + held, 0);
  const picture = async (page: Page, name: string): Promise<void> => {
    if (runtime === 'node') await takePicture(page, name);
  };

  test.each([
    ['with script', true],
    ['without script', false],
  ])('a buyer finds a drop, holds a unit, pays, and sees it: %s', async (_, javaScriptEnabled) => {
    const drop = await newDrop({ title: `Fern Runner ${unique()}` });
    const page = await visit('/', { javaScriptEnabled });
    // At the edge the list comes from the catalogue.
    while ((await page.getByText(drop.title).count()) === 0) await page.reload();
    await page.getByText(drop.title).click();
    await buy(page, '42');
    await page.waitForURL('**/o/ord_*');
    expect(await page.textContent('main')).toMatch(/Reserved for you[\s\S]*EU 42 × 1[\s\S]*€129\.00/);
    await page.getByRole('link', { name: 'Pay now' }).click();
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.waitForURL('**/o/ord_*');
    expect(await page.textContent('[role=status]')).toContain('Paid.');
    expect((await shop.drop(drop.id)).items[1]).toMatchObject({ held: 0, sold: 1 });
  });

  test('two browsers compete for the last unit: one gets it, the other sees what to do', async () => {
    const drop = await newDrop({ items: [{ sku: '41', name: 'EU 41', price: 100, stock: 1 }] });
    const pages = await Promise.all([visit(`/d/${drop.slug}`), visit(`/d/${drop.slug}`)]);
    for (const page of pages) await fill(page, '41');
    await Promise.all(pages.map((page) => page.click('form[data-buy] button')));
    const ends = await Promise.all(
      pages.map(async (page) => {
        await page.waitForSelector('[role=status], [role=alert]');
        return (await page.textContent('[role=status], [role=alert]')) ?? '';
      }),
    );
    expect(ends.filter((text) => text.includes('Reserved for you'))).toHaveLength(1);
    expect(ends.filter((text) => text.includes('Sold out for now'))).toHaveLength(1);
    expect(await heldOf(drop)).toBe(1);
  });

  test('the stock falls live, and what is sold out can’t be chosen', async () => {
    const drop = await newDrop();
    const page = await visit(`/d/${drop.slug}`);
    const left = page.locator('[data-sku="41"] small');
    expect(await left.textContent()).toBe('3 left');
    await shop.buy(drop.id, { sku: '41', quantity: 2 });
    await expect.poll(() => left.textContent()).toBe('1 left');
    await shop.buy(drop.id, { sku: '41' });
    await expect.poll(() => page.isDisabled('input[value="41"]')).toBe(true);
  });

  test('the hold expires while the page is open', async () => {
    const page = await earlyEnough(async (leadMs) => {
      const drop = await newDrop({ holdSeconds: (4 * leadMs) / 1_000 });
      const page = await visit(`/d/${drop.slug}`);
      await buy(page, '42');
      await page.waitForURL('**/o/ord_*');
      const isTimed = (clocks: readonly string[]): boolean => /^\d+:\d\d$/.test(clocks[0] ?? '');
      const seen = await until(
        async () => ({
          clocks: await page.locator('[role=timer]').allTextContents(),
          status: await page.textContent('[role=status]'),
        }),
        ({ clocks, status }) => isTimed(clocks) || status?.includes('reservation has ended') === true,
      );
      return isTimed(seen.clocks) ? page : null;
    });
    await expect.poll(() => page.textContent('[role=status]')).toContain('reservation has ended');
  });

  test('a drop opens by itself, by the server’s clock', async () => {
    const page = await earlyEnough(async (leadMs) => {
      const drop = await newDrop({ startsAt: isoFromNow(4 * leadMs) });
      const page = await visit(`/d/${drop.slug}`);
      const seen = [await page.textContent('.phase'), await page.isVisible('#email')];
      return seen[0] === 'Opens soon' && seen[1] === false ? page : null;
    });
    await page.waitForSelector('#email');
    expect(await page.textContent('.phase')).toBe('On sale now');
  });

  test('a double click buys once', async () => {
    const drop = await newDrop();
    const page = await visit(`/d/${drop.slug}`);
    await fill(page, '42');
    await page.dblclick('form[data-buy] button');
    await page.waitForURL('**/o/ord_*');
    expect(await heldOf(drop)).toBe(1);
  });

  test('after a lost answer the same form is the same order, also after a reload', async () => {
    const drop = await newDrop();
    const page = await visit(`/d/${drop.slug}`);
    const email = someone();
    // The purchase arrives, but its answer is lost, as when the connection breaks.
    const key = await page.inputValue('input[name=key]');
    const lost = await page.request.post(`${shop.server.url}/purchase`, {
      headers: { 'idempotency-key': key },
      data: { dropId: drop.slug, sku: '42', quantity: 1, customer: { email } },
    });
    const { order } = (await lost.json()) as { order: { id: string } };
    await page.reload();
    await buy(page, '42', email);
    await page.waitForURL(`**/o/${order.id}`);
    expect(await heldOf(drop)).toBe(1);
    // The next purchase is a new order.
    await page.goto(`${shop.server.url}/d/${drop.slug}`);
    await buy(page, '42', email);
    await page.waitForURL((url) => url.pathname.startsWith('/o/') && !url.pathname.includes(order.id));
    expect(await heldOf(drop)).toBe(2);
  });

  test('cancelled and refused orders are shown in the buyer’s language', async () => {
    const drop = await newDrop({ perCustomer: 1 });
    const page = await visit(`/d/${drop.slug}`, { locale: 'de-DE' });
    expect(await page.textContent('.phase')).toBe('Jetzt erhältlich');
    expect(await page.textContent('[data-sku="42"] b')).toMatch(/^129,00\s€$/);
    const email = someone();
    await buy(page, '42', email);
    await page.waitForURL('**/o/ord_*');
    const order = page.url();
    await page.goto(`${shop.server.url}/d/${drop.slug}`);
    await buy(page, '42', email);
    await page.waitForSelector('[role=alert]');
    expect(await page.textContent('[role=alert]')).toContain('Höchstmenge pro Person');
    expect(await page.inputValue('#email')).toBe(email);
    await page.goto(order);
    await page.getByRole('button', { name: 'Bestellung stornieren' }).click();
    await until(
      () => heldOf(drop),
      (held) => held === 0,
    );
    expect(await page.textContent('[role=status]')).toContain('Reservierung ist beendet');
  });

  test('a long word breaks, on a phone too', async () => {
    const word = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichensammlung';
    const drop = await newDrop({
      title: word,
      description: `${word}${word}`,
      items: [{ sku: '41', name: word, price: 9_900_000_000, stock: 3 }],
    });
    // In German, whose words are long.
    const phone = { viewport: { width: 375, height: 740 }, isMobile: true, locale: 'de-DE' };
    const page = await visit(`/d/${drop.slug}`, phone);
    const fits = () => page.evaluate<number>('document.documentElement.scrollWidth');
    expect(await fits()).toBe(375);
    await buy(page, '41', someone());
    await page.waitForURL('**/o/ord_*');
    expect(await fits()).toBe(375);
    // The number of lines that the order's number takes.
    const lines = await page.evaluate<number>(`{
      const range = document.createRange();
      range.selectNodeContents(document.querySelector('dd.whole'));
      range.getClientRects().length;
    }`);
    expect(lines).toBe(1);
    await page.getByRole('link', { name: 'Jetzt bezahlen' }).click();
    expect(await fits()).toBe(375);
    await page.goto(`${shop.server.url}/`);
    expect(await fits()).toBe(375);
  });

  test('a stranger cannot see an order', async () => {
    const drop = await newDrop();
    const own = await visit(`/d/${drop.slug}`);
    await buy(own, '42');
    await own.waitForURL('**/o/ord_*');
    const stranger = await visit(new URL(own.url()).pathname);
    expect(await stranger.textContent('main')).not.toContain('EU 42');
    expect(await own.textContent('main')).toContain('EU 42');
  });

  test.each(looksOn(runtime))('is accessible: %s', async (name, options) => {
    const drop = await newDrop({ perCustomer: 2 });
    await newDrop({ title: 'Night Runner', startsAt: isoFromNow(3 * 86_400_000) });
    const page = await visit(`/d/${drop.slug}`, options);
    await expectAccessible(page);
    await picture(page, `drop-${name}`);
    // Each part can be reached and used with the keyboard only.
    await page.focus('input[value="41"]');
    await page.keyboard.press('ArrowDown');
    expect(await page.isChecked('input[value="42"]')).toBe(true);
    await page.fill('#email', `buyer-${unique()}@canary.example`);
    await page.focus('form[data-buy] button');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/o/ord_*');
    await expectAccessible(page);
    await picture(page, `order-${name}`);
    await page.goto(`${shop.server.url}/`);
    await expectAccessible(page);
    await picture(page, `home-${name}`);
  });
});
