/** The limits: plain numbers with units, in the required relations. */
import { expect, test } from 'vitest';
import * as limits from '../../src/limits.ts';

const { assertLimits, ...bounds } = limits;

test('every relation between bounds holds', () => {
  expect(assertLimits).not.toThrow();
});

test.each(Object.entries(bounds))('%s is a whole number above zero', (_, bound) => {
  expect(Number.isSafeInteger(bound) && bound > 0).toBe(true);
});

test('the most expensive possible drop is still counted exactly', () => {
  const dearestOrder = limits.QUANTITY_PER_ORDER_MAX * limits.PRICE_MINOR_UNITS_MAX;
  expect(Number.isSafeInteger(dearestOrder)).toBe(true);
  expect(Number.isSafeInteger(limits.UNITS_PER_ITEM_MAX * limits.ITEMS_PER_DROP_MAX)).toBe(true);
});
