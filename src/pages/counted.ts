/** Formats counts and durations in words, with the plural forms of each language. */

export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string };

/** Picks the form of a count by the rules of a language (CLDR); `%` stands for the number. */
export function plural(locale: string, count: number, forms: Forms): string {
  const form = forms[new Intl.PluralRules(locale).select(count)] ?? forms.other;
  return form.replace('%', new Intl.NumberFormat(locale).format(count));
}

/** A duration, rounded down so that it never overstates: "90 seconds", "1 minute", "24 hours". */
export function duration(locale: string, seconds: number): string {
  const [count, unit] =
    seconds < 60 || (seconds < 600 && seconds % 60 !== 0)
      ? [seconds, 'second']
      : seconds % 3_600 === 0
        ? [seconds / 3_600, 'hour']
        : [Math.floor(seconds / 60), 'minute'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
