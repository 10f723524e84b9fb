/** Formats money for people, with the same text on Node, Bun and workerd. */
import { minorDigits } from '../domain/currency.ts';

// ICU versions differ in symbols between runtimes (XCG is "Cg." on Node, "XCG" on workerd), so this
// is our own table. Each symbol is unambiguous in every locale; a currency without a symbol is
// shown by its code.
const symbols: Readonly<Record<string, string>> = {
  AUD: 'A$',
  BRL: 'R$',
  CAD: 'CA$',
  CNY: 'CN¥',
  EUR: '€',
  GBP: '£',
  HKD: 'HK$',
  ILS: '₪',
  INR: '₹',
  JPY: '¥',
  KRW: '₩',
  MXN: 'MX$',
  NZD: 'NZ$',
  PHP: '₱',
  TWD: 'NT$',
  USD: '$',
  VND: '₫',
  XCD: 'EC$',
};

/** Other English-speaking countries have dollars of their own. */
function symbolOf(currency: string, locale: string): string {
  if (currency !== 'USD') return symbols[currency] ?? currency;
  const { language, region = 'US' } = new Intl.Locale(locale);
  return language === 'en' && region !== 'US' ? 'US$' : '$';
}

/** `amount` is in minor units of an ISO 4217 currency; `locale` is a BCP 47 tag. */
export function money(amount: number, currency: string, locale = 'en'): string {
  const digits = minorDigits(currency);
  // The euro stands in for every currency: its layout in a locale is the same on all runtimes.
  const parts = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'EUR',
    numberingSystem: 'latn',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).formatToParts(amount / 10 ** digits);
  const symbol = symbolOf(currency, locale);
  return parts
    .map(({ type, value }, index) => {
      if (type !== 'currency') return value;
      const isBeforeDigits = parts[index + 1]?.type === 'integer';
      return isBeforeDigits && /\p{L}$/u.test(symbol) ? `${symbol}\u00a0` : symbol;
    })
    .join('');
}
