/** Money as an operator types it, in major units, turned into minor units digit by digit. */
import { isCurrency } from './currency.ts';

const amountShape = /^(\d{1,12})(?:[.,](\d{1,4}))?$/;

/** Digits after the point in a currency; those of most where the code is none. */
const digitsOf = (currency: string): number =>
  isCurrency(currency)
    ? (new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2)
    : 2;

/** Null where the text is no amount of this currency: 12.345 EUR, 1,000.00 or a sign. */
export function toMinorUnits(text: string, currency: string): number | null {
  const [, whole, fraction = ''] = amountShape.exec(text) ?? [];
  const digits = digitsOf(currency);
  if (whole === undefined || fraction.length > digits) return null;
  return Number(whole + fraction.padEnd(digits, '0'));
}

/** As `toMinorUnits` reads it. */
export function toMajorText(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  const text = String(amount).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** An amount as an example of what to type. */
export const exampleAmount = (currency: string): string => toMajorText(12_900, currency);
