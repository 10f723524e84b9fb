/** Counts and durations in words, by the plural rules of each language. */
import { expect, test } from 'vitest';
import { counted } from '../../../src/domain/counted.ts';
import { duration, plural } from '../../../src/pages/counted.ts';

test.each([
  ['en', 0, '0 units'],
  ['en', 1, '1 unit'],
  ['en', 1_000, '1,000 units'],
  ['de', 1_000, '1.000 units'],
])('%s counts %i as %s', (locale, count, text) => {
  expect(plural(locale, count, { one: '% unit', other: '% units' })).toBe(text);
});

test('pages for operators count in English', () => {
  expect([0, 1, 2, 1_000].map((count) => counted(count, 'finding'))).toEqual([
    '0 findings',
    '1 finding',
    '2 findings',
    '1000 findings',
  ]);
});

test('a language with more plural forms uses them', () => {
  const forms = { one: '% место', few: '% места', many: '% мест', other: '% места' };
  expect([1, 3, 5, 21].map((count) => plural('ru', count, forms))).toEqual([
    '1 место',
    '3 места',
    '5 мест',
    '21 место',
  ]);
});

test.each([
  [1, '1 second', '1 Sekunde'],
  [59, '59 seconds', '59 Sekunden'],
  [60, '1 minute', '1 Minute'],
  [61, '61 seconds', '61 Sekunden'],
  [120, '2 minutes', '2 Minuten'],
  [1_000, '16 minutes', '16 Minuten'],
  [3_600, '1 hour', '1 Stunde'],
  [5_400, '90 minutes', '90 Minuten'],
  [7_200, '2 hours', '2 Stunden'],
])('%i s are shown as %s, rounded up', (seconds, english, german) => {
  expect([duration('en', seconds), duration('de', seconds)]).toEqual([english, german]);
});
