/** Money as people read it. */

/** `amount` in minor units of an ISO 4217 currency; written as in `locale` (BCP 47). */
export function money(amount: number, currency: string, locale = 'en'): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
