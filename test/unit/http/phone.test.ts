/** Phone numbers of every country: one spelling for each, and none that can't be dialled. */
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';
import examples from 'libphonenumber-js/mobile/examples';
import { expect, test } from 'vitest';
import { dialable } from '../../../src/http/phone.ts';

const countries = getCountries(metadata).map((country) => {
  const [code, national] = [getCountryCallingCode(country, metadata), examples[country] ?? ''];
  return { code, national };
});
type Country = (typeof countries)[number];

/** The result for each country's example number: the number itself, null, or another one. */
function outcomes(typed: (country: Country) => string) {
  const found = { kept: 0, refused: 0, wrong: [] as string[] };
  for (const country of countries) {
    const number = dialable(typed(country));
    if (number === `+${country.code}${country.national}`) found.kept += 1;
    else if (number === null) found.refused += 1;
    else found.wrong.push(`${typed(country)} is kept as ${number}`);
  }
  return found;
}

test('the numbers of every country are kept as they are dialled', () => {
  expect(countries.length).toBeGreaterThan(230);
  const kept = { kept: countries.length, refused: 0, wrong: [] };
  expect(outcomes(({ code, national }) => `+${code}${national}`)).toEqual(kept);
  // 00 is accepted only for numbers that the library knows; its small metadata lacks a few islands.
  expect(outcomes(({ code, national }) => `00${code} ${national}`)).toEqual({
    kept: 241,
    refused: 4,
    wrong: [],
  });
});

test.each<[string, (country: Country) => string]>([
  ['+CC (0) NSN', ({ code, national }) => `+${code} (0) ${national}`],
  ['+CC(0)NSN', ({ code, national }) => `+${code}(0)${national}`],
  ['+CC 0 NSN', ({ code, national }) => `+${code} 0 ${national}`],
  ['+CC-0-NSN', ({ code, national }) => `+${code}-0-${national}`],
  ['00CC (0) NSN', ({ code, national }) => `00${code} (0) ${national}`],
  ['+CC (1) NSN', ({ code, national }) => `+${code} (1) ${national}`],
  ['+CC (8) NSN', ({ code, national }) => `+${code} (8) ${national}`],
  ['+CC (06) NSN', ({ code, national }) => `+${code} (06) ${national}`],
])('a national prefix is dropped, or the number is refused: %s', (_, typed) => {
  const { kept, wrong } = outcomes(typed);
  expect(wrong).toEqual([]);
  // An ambiguous number is rejected: there are few.
  expect(kept).toBeGreaterThan(countries.length * 0.9);
});

test.each([
  ['+48 (0) 501 234 567', '+48501234567'],
  ['+480501234567', '+48501234567'],
  ['+49 (0)30 123456', '+4930123456'],
  ['+7 (8) 912 345-67-89', '+79123456789'],
  // In Italy the zero is part of the number.
  ['+39 06 12345678', '+390612345678'],
  ['+39 (06) 12345678', '+390612345678'],
  ['+39 (0)6 12345678', '+390612345678'],
  ['+39 055 12345678', '+3905512345678'],
  ['+39 (0) 3123456789', null],
  // Budapest.
  ['+36 (1) 234 5678', '+3612345678'],
])('%s is kept as %s', (typed, number) => expect(dialable(typed)).toBe(number));
