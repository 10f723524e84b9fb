/** Stripe's currencies, their bounds, and its units (docs.stripe.com/currencies). */
import { minorDigits } from '../domain/currency.ts';
import type { ChargeBounds } from './provider.ts';

const presentment: ReadonlySet<string> = new Set(
  `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP CRC
  CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY
  KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO
  NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TND
  TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW`.split(/\s+/),
);

/**
 * Stripe's digits where they differ from ISO 4217: ISK and UGX in hundredths, MGA without decimals.
 */
const otherDigits: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

// In ISO minor units. Stripe converts other currencies into the settlement currency, whose minimum
// then applies: only Stripe knows that bound, and refuses the checkout.
const minimums: Readonly<Record<string, number>> = {
  AED: 200,
  AUD: 50,
  BRL: 50,
  CAD: 50,
  CHF: 50,
  CZK: 1500,
  DKK: 250,
  EUR: 50,
  GBP: 30,
  HKD: 400,
  HUF: 17_500,
  INR: 50,
  JPY: 50,
  MXN: 1000,
  MYR: 200,
  NOK: 300,
  NZD: 50,
  PLN: 200,
  RON: 200,
  SEK: 300,
  SGD: 50,
  THB: 1000,
  USD: 50,
};

/** Decimal places by which an amount in Stripe's units is shifted from ISO minor units. */
const shiftOf = (currency: string): number => {
  const digits = minorDigits(currency);
  return (otherDigits[currency] ?? digits) - digits;
};

const shifted = (amount: number, digits: number): number =>
  digits < 0 ? amount / 10 ** -digits : amount * 10 ** digits;

/**
 * Stripe requires the last of three decimals to be 0, and can't charge a fraction of its own unit.
 */
const multipleOf = (currency: string): number =>
  minorDigits(currency) === 3 ? 10 : 10 ** Math.max(0, -shiftOf(currency));

/** In ISO minor units; null if Stripe does not accept the currency. */
export function stripeBounds(currency: string): ChargeBounds | null {
  if (!presentment.has(currency)) return null;
  const step = multipleOf(currency);
  // Twelve digits for IDR, eight for every other currency.
  const largest = shifted(currency === 'IDR' ? 999_999_999_999 : 99_999_999, -shiftOf(currency));
  return { min: minimums[currency] ?? step, max: Math.floor(largest / step) * step, multipleOf: step };
}

/** An amount in Stripe's units. `stripeBounds` rules out fractions; Stripe would refuse them. */
export const toStripeAmount = (amount: number, currency: string): number =>
  shifted(amount, shiftOf(currency));

/** A Stripe amount in ISO minor units, rounded down, so that it never exceeds what was paid. */
export const fromStripeAmount = (amount: number, currency: string): number =>
  Math.floor(shifted(amount, -shiftOf(currency)));
