/** The storefront's languages: each has every sentence, and a browser gets the requested one. */
import { expect, test } from 'vitest';
import { chooseLanguage } from '../../../src/pages/messages.ts';

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'de'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de-at'],
  ['fr-FR,fr;q=0.9', 'en'],
  ['fr,en;q=0.4,de;q=0.6', 'de'],
  ['de;q=0,en', 'en'],
  ['*', 'en'],
  ['de-<script>', 'de'],
  ['x'.repeat(10_000), 'en'],
])('Accept-Language %j is answered in %s', (header, locale) => {
  expect(chooseLanguage(header).locale).toBe(locale);
});

function sentences(value: unknown, path = ''): [path: string, sentence: string][] {
  if (typeof value === 'function') return [[path, String(value(7))]];
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(value as object).flatMap(([name, inner]) => sentences(inner, `${path}.${name}`));
}

test('every sentence exists in every language, and is translated', () => {
  const [english, german] = ['en', 'de'].map((locale) => sentences(chooseLanguage(locale).messages));
  expect(german?.map(([path]) => path)).toEqual(english?.map(([path]) => path));
  const same = german
    ?.filter(([, sentence], index) => sentence === english?.[index]?.[1])
    .map(([path]) => path);
  expect(same).toEqual(['.shop', '.name', '.optional', '.drop']);
  for (const [path, sentence] of [...(english ?? []), ...(german ?? [])]) {
    expect([path, sentence.trim().length > 0]).toEqual([path, true]);
  }
});
