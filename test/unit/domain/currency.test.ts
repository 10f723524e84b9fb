/** The table of minor digits against the exceptions of ISO 4217, and money in each locale. */
import { describe, expect, test } from 'vitest';
import { currencies, isCurrency, minorDigits } from '../../../src/domain/currency.ts';
import { toMajorText, toMinorUnits } from '../../../src/domain/money-text.ts';
import { money } from '../../../src/pages/money.ts';

const withDigits = (digits: number): string =>
  currencies.filter((code) => minorDigits(code) === digits).join(' ');

describe('minor digits', () => {
  test('are 2 except for the currencies that the standard names', () => {
    expect(withDigits(0)).toBe('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF');
    expect(withDigits(3)).toBe('BHD IQD JOD KWD LYD OMR TND');
    expect(withDigits(2).split(' ')).toHaveLength(currencies.length - 16 - 7);
  });

  test('list each code once, in capitals', () => {
    expect(new Set(currencies).size).toBe(currencies.length);
    expect(currencies.filter((code) => !/^[A-Z]{3}$/.test(code))).toEqual([]);
  });

  test.each(['HRK', 'BGN', 'ANG', 'ZWL', 'CLF', 'XAU', 'XTS', 'eur', ''])(
    '%j is not an active currency',
    (code) => expect(isCurrency(code)).toBe(false),
  );

  test.each(currencies)('%s: a displayed amount is parsed to the same amount', (code) => {
    for (const amount of [0, 1, 12, 1_290_000, 999_999_999_999])
      expect(toMinorUnits(toMajorText(amount, code), code)).toBe(amount);
  });
});

describe('money', () => {
  test.each([
    [1_290_000, 'HUF', 'en', 'HUF 12,900.00'],
    [1_290_000, 'HUF', 'de', '12.900,00 HUF'],
    [1_290_000, 'COP', 'en', 'COP 12,900.00'],
    [1_290_000, 'IDR', 'en', 'IDR 12,900.00'],
    [1_290_000, 'PKR', 'en-GB', 'PKR 12,900.00'],
    [12_900, 'EUR', 'en', '€129.00'],
    [12_900, 'EUR', 'de', '129,00 €'],
    [12_900, 'EUR', 'de-AT', '€ 129,00'],
    [12_900, 'USD', 'en', '$129.00'],
    [12_900, 'USD', 'en-CA', 'US$129.00'],
    [12_900, 'CAD', 'en-CA', 'CA$129.00'],
    [1500, 'JPY', 'en', '¥1,500'],
    [1500, 'ISK', 'de', '1.500 ISK'],
    [1_234_567, 'KWD', 'en', 'KWD 1,234.567'],
    [500, 'XCG', 'en', 'XCG 5.00'],
    [500, 'XOF', 'en', 'XOF 500'],
    [500, 'MGA', 'en', 'MGA 5.00'],
    [1_000_000_000_001, 'EUR', 'en', '€10,000,000,000.01'],
    [12_900, 'EUR', 'en-u-nu-arab', '€129.00'],
  ])('%i minor units of %s in %s are %s', (amount, currency, locale, text) =>
    expect(money(amount, currency, locale).replaceAll('\u00a0', ' ')).toBe(text),
  );

  test.each(currencies)('%s shows its own digits', (code) => {
    const shown = money(1_234_567, code).replaceAll(/[^\d.]/g, '');
    expect(shown).toBe(toMajorText(1_234_567, code));
  });
});
