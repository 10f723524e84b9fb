/** Converts amounts between typed decimal text and minor units, digit by digit. */
import { minorDigits } from './currency.ts';

const amountShape = /^(\d{1,12})(?:[.,](\d{1,4}))?$/;

/** Null if the text is not an amount of this currency: 12.345 EUR, 1,000.00 or a sign. */
export function toMinorUnits(text: string, currency: string): number | null {
  const [, whole, fraction = ''] = amountShape.exec(text) ?? [];
  const digits = minorDigits(currency);
  if (whole === undefined || fraction.length > digits) return null;
  return Number(whole + fraction.padEnd(digits, '0'));
}

/** Decimal text with the currency's digits and a dot, as `toMinorUnits` reads it. */
export function toMajorText(amount: number, currency: string): string {
  const digits = minorDigits(currency);
  const text = String(amount).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/**
 * Decimal text with its currency code, such as 12900.00 HUF: for logs, errors and the command line.
 */
export const amountText = (amount: number, currency: string): string =>
  `${toMajorText(amount, currency)} ${currency}`;

/** An amount as an example of what to type. */
export const exampleAmount = (currency: string): string => toMajorText(12_900, currency);
