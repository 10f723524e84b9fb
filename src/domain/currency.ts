/** The active currencies of ISO 4217 with their minor digits, the same on every runtime. */

// Runtimes disagree: Intl.supportedValuesOf('currency') contains withdrawn codes and lacks new
// ones, and Intl.NumberFormat uses CLDR's digits (HUF has 0 on Node), unlike ISO 4217 and payment
// providers.
const codesByDigits: readonly (readonly [digits: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE
    CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR
    KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB
    PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY
    TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
];

const digitsByCode: ReadonlyMap<string, number> = new Map(
  codesByDigits.flatMap(([digits, codes]) => codes.split(/\s+/).map((code) => [code, digits] as const)),
);

/** Every active currency. */
export const currencies: readonly string[] = [...digitsByCode.keys()].sort();

/** Whether an upper-case code names an active currency. */
export const isCurrency = (code: string): boolean => digitsByCode.has(code);

/** Digits after the decimal point; 2 for an unknown code. */
export const minorDigits = (code: string): number => digitsByCode.get(code) ?? 2;
