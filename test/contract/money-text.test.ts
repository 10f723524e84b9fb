/** Money reads the same on every runtime: ISO 4217 digits, independent of the ICU version. */
import { beforeAll, describe, expect, test } from 'vitest';
import { currencies, minorDigits } from '../../src/domain/currency.ts';
import { toMajorText } from '../../src/domain/money-text.ts';
import { money } from '../../src/pages/money.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { dropIdIn, signedIn, typedDrop } from '../support/dashboard-visitor.ts';
import type { AdminDrop } from '../support/shapes.ts';

/** Currencies that runtimes round or write differently, and one per number of digits. */
const shown = 'HUF COP IDR PKR LAK IQD MRU MGA ISK UGX JPY KWD XCG SLE ZWG VED XOF USD EUR CHF'.split(' ');
const AMOUNT = 1_290_000;

describe.each(runtimes)('money on %s', (runtime) => {
  const shop = useServer(runtime);
  beforeAll(async () => {
    for (const currency of shown)
      await shop.createDrop({
        title: `In ${currency}`,
        currency,
        items: [{ sku: 'one', name: 'One', price: AMOUNT, stock: 1 }],
      });
  });

  /** The prices of the first page by their drops' titles. */
  const pricesIn = async (language: string): Promise<Record<string, string | undefined>> => {
    const { text } = await shop.send({ path: '/', headers: { 'accept-language': language } });
    return Object.fromEntries(
      shown.map((currency) => [
        currency,
        new RegExp(`<h2>In ${currency}</h2>\\n<p>.*?</p>\\n<p>([^<]*)`)
          .exec(text)?.[1]
          ?.replaceAll('&#39;', "'"),
      ]),
    );
  };

  test.each(['en', 'en-GB', 'en-IN', 'de', 'de-AT', 'de-CH'])('the storefront in %s', async (language) => {
    const expected = shown.map((currency) => [currency, money(AMOUNT, currency, language)]);
    expect(await pricesIn(language)).toEqual(Object.fromEntries(expected));
  });

  test('has the digits of ISO 4217', async () => {
    const prices = await pricesIn('en');
    expect([prices.HUF, prices.JPY, prices.KWD, prices.XCG]).toEqual([
      'HUF\u00a012,900.00',
      '¥1,290,000',
      'KWD\u00a01,290.000',
      'XCG\u00a012,900.00',
    ]);
  });

  test('the operator types major units and reads the same amount', async () => {
    const chief = await signedIn(shop.server.url, shop.server.adminToken);
    const typed = { ...typedDrop(), currency: 'HUF', 'items.0.price': '12900' };
    const made = await chief.submit('/admin/ui/new-drop', typed);
    expect(made.status, made.text).toBe(303);
    const { text } = await shop.admin({ path: `/admin/drops/${dropIdIn(made.location)}` });
    expect((JSON.parse(text) as AdminDrop).items[0]?.price).toBe(AMOUNT);
    const page = await chief.look(`/admin/ui/drops/${dropIdIn(made.location)}`);
    expect(page.text).toContain('HUF\u00a012,900.00');
  });
});

test('every currency has its digits in every language, without invisible characters', () => {
  for (const locale of ['en', 'en-GB', 'de', 'de-CH', 'en-u-nu-arab']) {
    for (const currency of currencies) {
      const text = money(1_234_567, currency, locale);
      const digits = toMajorText(1_234_567, currency).replace('.', '');
      expect(text.replaceAll(/\D/g, ''), `${locale} ${currency}`).toBe(digits);
      expect(text, `${locale} ${currency}`).not.toMatch(/\p{Cf}/u);
      const fraction = /[.,](\d+)\D*$/.exec(text)?.[1] ?? '';
      if (minorDigits(currency) !== 0) expect(fraction).toHaveLength(minorDigits(currency));
    }
  }
});
