/** Typed money: exact in every currency, and unambiguous. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toMajorText, toMinorUnits } from '../../../src/domain/money-text.ts';

test.each([
  ['129', 'EUR', 12_900],
  ['129.9', 'EUR', 12_990],
  ['129,90', 'EUR', 12_990],
  ['0.07', 'EUR', 7],
  ['1.005', 'KWD', 1005],
  ['1500', 'JPY', 1500],
  ['4.35', 'USD', 435],
  ['999999999999.99', 'USD', 99_999_999_999_999],
])('%s %s', (text, currency, amount) => expect(toMinorUnits(text, currency)).toBe(amount));

test.each([
  ['129.999', 'EUR'],
  ['1,000.00', 'EUR'],
  ['1 000', 'EUR'],
  ['1.5', 'JPY'],
  ['-1', 'EUR'],
  ['+1', 'EUR'],
  ['1e3', 'EUR'],
  ['.5', 'EUR'],
  ['5.', 'EUR'],
  ['', 'EUR'],
  ['١٢', 'EUR'],
])('%s %s is not an amount', (text, currency) => expect(toMinorUnits(text, currency)).toBeNull());

test('an unknown currency has two digits', () => {
  expect(toMinorUnits('1.25', 'nonsense')).toBe(125);
  expect(toMajorText(125, '')).toBe('1.25');
});

test('a displayed amount is parsed to the same amount', () => {
  const amounts = fc.integer({ min: 0, max: 10_000_000_000 });
  fc.assert(
    fc.property(amounts, fc.constantFrom('EUR', 'JPY', 'KWD', 'VND'), (amount, currency) => {
      expect(toMinorUnits(toMajorText(amount, currency), currency)).toBe(amount);
    }),
  );
});
